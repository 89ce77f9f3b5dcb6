// SPDX-License-Identifier: Apache-2.0
// Light and dark: as the system says, or as chosen (remembered).

const KEY = 'kmos-theme';

export class Theme {
  /** changed('light' or 'dark'): now and at every change. */
  constructor(select, changed) {
    this.select = select;
    this.changed = changed;
    this.isDark = matchMedia('(prefers-color-scheme: dark)');
    select.value = remembered() ?? 'auto';
    select.addEventListener('change', () => {
      remember(select.value);
      this.apply();
    });
    this.isDark.addEventListener('change', () => this.apply());
    this.apply();
  }

  apply() {
    const choice = this.select.value;
    const name = choice === 'light' || choice === 'dark' ? choice : this.isDark.matches ? 'dark' : 'light';
    document.documentElement.dataset.theme = name;
    this.changed(name);
  }
}

// Storage may be forbidden; then the choice lasts as long as the page.
function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(value) {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    console.info('kmOS: the browser forbids storage, the colours are not remembered');
  }
}
