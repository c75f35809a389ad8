// VS Code's window as a person has it: what stands there, and what can be clicked and typed.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { screenshots } from './paths.mjs';
import { eventually } from './waiting.mjs';

/** Opens a folder, and a file of it. `port` is the server's, or that of a line to it. */
export async function openWorkbench(browser, { port, folder, file, viewport = { width: 1280, height: 800 } }) {
  const context = await browser.newContext({ viewport, permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  const workbench = new Workbench(page, context, port);
  page.on('console', (message) => {
    if (message.type() === 'error') workbench.errors.push(message.text());
  });
  await workbench.open(folder, file);
  return workbench;
}

export class Workbench {
  /** What the browser's console complained about. */
  errors = [];

  constructor(page, context, port) {
    this.page = page;
    this.context = context;
    this.port = port;
  }

  async open(folder, file) {
    const address = new URL(`http://127.0.0.1:${String(this.port)}/`);
    address.searchParams.set('folder', folder);
    if (file !== undefined) {
      const uri = `vscode-remote://127.0.0.1:${String(this.port)}${join(folder, file)}`;
      address.searchParams.set('payload', JSON.stringify([['openFile', uri]]));
    }
    await this.page.goto(String(address));
    await this.ready();
    if (file !== undefined) await this.tab(file).waitFor({ timeout: 60_000 });
  }

  /** The workbench is drawn and connected. */
  async ready() {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 90_000 });
    await this.page.locator('.monaco-workbench .explorer-folders-view').first().waitFor({ timeout: 60_000 });
  }

  /** As with the browser's own button. */
  async reload() {
    await this.page.reload();
    await this.ready();
  }

  async close() {
    await this.context.close();
  }

  async screenshot(name) {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  // Commands and quick inputs

  /** By its title in the command palette, as far as it is unambiguous. */
  async command(title) {
    // The commands of extensions come some time after the window.
    await eventually(`the command ${title}`, async () => {
      await this.openPalette(`>${title}`);
      const found = await this.row(title).click({ timeout: 3_000 }).then(() => true, () => false);
      // The same text again would be taken for no change: the list is only made anew when it is opened.
      if (!found) await this.press('Escape');
      return found;
    }, { seconds: 60 });
  }

  /** Whether the palette offers it here. */
  async offersCommand(title) {
    await this.openPalette(`>${title}`);
    const offered = await this.row(title).waitFor({ timeout: 3_000 }).then(() => true, () => false);
    await this.press('Escape');
    return offered;
  }

  async openPalette(text) {
    // A window that is still opening its editors may close it again.
    await eventually('the command palette', async () => {
      await this.page.keyboard.press('F1');
      await this.quickInput.fill(text, { timeout: 3_000 });
      return true;
    });
  }

  get quickInput() {
    return this.page.locator('.quick-input-widget:visible input.input');
  }

  /** A row of a quick pick. */
  row(label) {
    return this.page.locator(`.quick-input-widget .monaco-list-row[aria-label*=${JSON.stringify(label)}]`).first();
  }

  async pick(label) {
    await this.row(label).click();
  }

  /** What a quick pick offers. */
  async rows() {
    await this.page.locator('.quick-input-widget .monaco-list-row').first().waitFor();
    return this.page.locator('.quick-input-widget .monaco-list-row').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
  }

  /** Answers an input box. */
  async answer(text) {
    await this.quickInput.waitFor();
    await this.quickInput.fill(text);
    await this.press('Enter');
  }

  // The editor

  tab(file) {
    return this.page.locator(`.tabs-container .tab[data-resource-name=${JSON.stringify(file.split('/').at(-1))}]`);
  }

  async openFile(name) {
    await this.openPalette(name);
    await this.row(name.split('/').at(-1)).click();
    await this.tab(name).waitFor();
  }

  get editor() {
    return this.page.locator('.editor-instance .monaco-editor[data-uri]').last();
  }

  async focusEditor() {
    await this.command('View: Focus Active Editor Group');
  }

  /** Line and column count from one. */
  async goTo(line, column = 1) {
    await eventually(`the cursor in line ${String(line)}, column ${String(column)}`, async () => {
      await this.openPalette(`:${String(line)}:${String(column)}`);
      await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor({ timeout: 3_000 });
      await this.press('Enter');
      await this.quickInput.waitFor({ state: 'hidden', timeout: 3_000 });
      await this.status(`Ln ${String(line)}, Col ${String(column)}`).waitFor({ timeout: 2_000 });
      return true;
    });
  }

  /** Our server answers: its lenses stand over the passes. */
  async understood() {
    await this.lens('Run').first().waitFor({ timeout: 60_000 });
  }

  async save() {
    await this.command('File: Save');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  type(text, delay = 20) {
    return this.page.keyboard.type(text, { delay });
  }

  squiggles(severity = 'error') {
    return this.page.locator(`.monaco-editor .squiggly-${severity}`);
  }

  async seesSquiggle(severity = 'error') {
    await this.squiggles(severity).first().waitFor({ timeout: 60_000, state: 'attached' });
  }

  /** What the status bar counts, in all files. */
  async seesProblem() {
    await this.page.locator('.statusbar-item a[aria-label^="Errors: "], .statusbar-item a[aria-label*=" Errors"]').waitFor({ timeout: 60_000 });
  }

  async seesNoProblem() {
    await this.page.locator('.statusbar-item a[aria-label="No Problems"]').waitFor({ timeout: 30_000 });
  }

  /** The hover's text at the cursor. */
  async hover() {
    await this.command('Show or Focus Hover');
    const widget = this.page.locator('.monaco-hover:visible .monaco-hover-content').last();
    await widget.waitFor();
    await eventually('the hover is loaded', async () => !/^Loading/.test(await widget.innerText()));
    return (await this.page.locator('.monaco-hover:visible .monaco-hover-content').allInnerTexts()).join('\n');
  }

  /** Opens the light bulb's menu at the cursor and gives its lines. */
  async quickFixes() {
    const lines = this.page.locator('.action-widget .monaco-list-row.action');
    return eventually('quick fixes', async () => {
      await this.command('Quick Fix...');
      await lines.first().waitFor({ timeout: 4_000 });
      return lines.allInnerTexts();
    });
  }

  async chooseQuickFix(title) {
    await this.page.locator('.action-widget .monaco-list-row.action', { hasText: title }).first().click();
  }

  lens(text) {
    return this.page.locator('.monaco-editor .codelens-decoration a', { hasText: text });
  }

  lenses() {
    return this.page.locator('.monaco-editor .codelens-decoration').allInnerTexts();
  }

  // Completion

  async suggest() {
    await this.page.keyboard.press('Control+Space');
    await this.suggestions.first().waitFor({ timeout: 30_000 });
  }

  get suggestions() {
    return this.page.locator('.suggest-widget.visible .monaco-list-row');
  }

  /** Labels of all suggestions, in their order: the list holds only what is in view, so it is walked through. */
  async allSuggestions() {
    await this.suggestions.first().waitFor({ timeout: 30_000 });
    const seen = new Map();
    await eventually('the end of the suggestions', async () => {
      const rows = await this.suggestions.evaluateAll((found) =>
        found.map((row) => ({
          at: Number(row.getAttribute('data-index')),
          of: Number(row.getAttribute('aria-setsize')),
          label: row.querySelector('.label-name')?.textContent ?? '',
        })));
      for (const { at, label } of rows) seen.set(at, label);
      if (rows.length > 0 && seen.size >= rows[0].of) return true;
      await this.press('PageDown');
      return false;
    }, { every: 30 });
    return [...seen.entries()].sort(([one], [other]) => one - other).map(([, label]) => label);
  }

  /** Takes the suggestion of exactly that label (or one that matches), wherever in the list it is. */
  async takeSuggestion(label) {
    await this.suggestions.first().waitFor({ timeout: 30_000 });
    const row = this.suggestions.filter({ has: this.page.locator('.label-name', { hasText: typeof label === 'string' ? new RegExp(`^${RegExp.escape(label)}$`) : label }) }).first();
    await eventually(`the suggestion ${String(label)}`, async () => {
      if ((await row.count()) > 0) return true;
      await this.press('PageDown');
      return false;
    }, { every: 50 });
    await row.locator('.label-name').click();
    await this.page.locator('.suggest-widget.visible').waitFor({ state: 'hidden' });
  }

  // Panels, views, notifications, status bar

  /** The problems panel's rows: 'message, source(code), [Ln 3, Col 5]'. */
  async problems() {
    if ((await this.page.locator('.markers-panel:visible').count()) === 0) await this.command('View: Focus Problems');
    await this.page.locator('.markers-panel').waitFor();
    return this.page.locator('.markers-panel .monaco-list-row').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? row.textContent ?? ''));
  }

  /** Those of one source, once there are that many. */
  async problemsOf(source, count) {
    return eventually(`${String(count)} problems of ${source}`, async () => {
      const found = (await this.problems()).filter((row) => row.includes(source));
      if (found.length !== count) throw new Error(found.join('\n'));
      return found;
    });
  }

  notification(text) {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
  }

  async notifications() {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** Waits for a notification and clicks one of its buttons; `before` is done while it is there. */
  async clickNotification(text, button, before) {
    const found = this.notification(text);
    await found.waitFor({ timeout: 120_000 });
    await before?.();
    await found.hover();
    await found.locator('.monaco-button, .monaco-text-button', { hasText: button }).first().click();
  }

  get dialog() {
    return this.page.locator('.monaco-dialog-box');
  }

  async clickDialog(button) {
    await this.dialog.locator('.monaco-button', { hasText: button }).first().click();
  }

  status(text) {
    return this.page.locator('.part.statusbar .statusbar-item', { hasText: text });
  }

  async openView(container) {
    const icon = this.page.locator(`.activitybar .action-label[aria-label^=${JSON.stringify(container)}]`).first();
    await icon.waitFor({ timeout: 30_000 });
    const item = icon.locator('xpath=..');
    // A badge may lie over the icon.
    if (!/checked/.test((await item.getAttribute('class')) ?? '')) await item.click({ position: { x: 4, y: 4 }, force: true });
    await this.page.locator('.part.sidebar .pane-body').first().waitFor();
  }

  openRuns() {
    return this.openView('Olive Press');
  }

  explorerRow(text) {
    return this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: text }).first();
  }

  /** Rows of the view in the side bar, by what a screen reader is told. */
  async treeRows() {
    return this.page.locator('.part.sidebar .pane-body .monaco-list-row').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
  }

  treeRow(text) {
    return this.page.locator('.part.sidebar .pane-body .monaco-list-row', { hasText: text }).first();
  }

  async expand(text) {
    const row = this.treeRow(text);
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.monaco-tl-twistie').click();
  }

  /** A command of a row's context menu. */
  async fromContextMenu(text, command) {
    await this.treeRow(text).click({ button: 'right' });
    await this.page.locator('.context-view .action-label', { hasText: command }).first().click();
  }

  /** The n-th open webview's inside, newest last. */
  webview(index = -1) {
    const outer = this.page.locator('iframe.webview.ready');
    const chosen = index < 0 ? outer.last() : outer.nth(index);
    return chosen.contentFrame().locator('#active-frame').contentFrame();
  }

  /** The text of the output channel that is shown. */
  async output() {
    return (await this.page.locator('.output-view .view-lines').innerText()).replaceAll(' ', ' ');
  }

  clipboard() {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }
}
