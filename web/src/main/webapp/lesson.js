// SPDX-License-Identifier: Apache-2.0
// A lesson beside the machine (?lesson=NAME): its text, made from assets/lessons when the site was built. What is to be typed has a button that types it.

const NAME = /^[a-z-]{1,40}$/;
const FOLDER = 'lessons/';

export class Lesson {
  /** $: element by id. type(text): into the serial console. again(): opens the lesson anew. */
  constructor($, { type, again }) {
    this.$ = $;
    const wanted = new URLSearchParams(location.search).get('lesson');
    this.name = wanted !== null && NAME.test(wanted) ? wanted : null;
    $('lesson-again').addEventListener('click', again);
    $('lesson-text').addEventListener('click', event => {
      const block = event.target.closest('button')?.nextElementSibling;
      if (block) type(block.textContent);
    });
  }

  /** The file of the lesson's machine. Error: there is no such lesson. */
  async open() {
    const [text, file] = await Promise.all(['.html', '.kmos'].map(end => fetch(new URL(FOLDER + this.name + end, document.baseURI))));
    if (!text.ok || !file.ok) throw new Error(`there is no lesson ${this.name} here`);
    this.show(await text.text());
    return new Uint8Array(await file.arrayBuffer());
  }

  show(html) {
    const { $ } = this;
    $('lesson-text').innerHTML = html;
    for (const block of $('lesson-text').querySelectorAll('pre')) {
      const button = document.createElement('button');
      button.textContent = 'Type it';
      button.title = 'Types these lines into the console';
      block.before(button);
      block.tabIndex = 0;
    }
    $('lesson').hidden = false;
    document.title = `${$('lesson-text').querySelector('h2').textContent} – kmOS`;
  }
}
