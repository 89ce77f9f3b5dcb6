// SPDX-License-Identifier: Apache-2.0
/**
 * Lessons: a text in Markdown, and the lines that somebody types until the machine is as the text says. When the site is built each becomes a page's
 * fragment and a recipe of that machine, so a lesson opens as a link does. Start with {@code Lesson}, {@code LessonMachine}, {@code LessonsAsset}.
 */
package kmos.headless.lessons;
