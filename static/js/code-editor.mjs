// <code-editor>: CodeMirror over the textarea that the element holds, which a drawing makes as any other field. The editor stands in the element's
// shadow: what the element holds is not laid out any more, but stays the field that a drawing writes and that says what is typed, so that nothing else has to
// know of the editor. In a shadow CodeMirror adopts its style sheets (the policy refuses <style>). Where this module does not come, the textarea stays.
//
//   data-rev      when it changes, the editor takes the textarea's text, and what was undone is forgotten
//   data-marks    JSON: [[line, what is wrong there], …]
//   data-locked   the text is only to be read
//   data-hint     what is said under the editor, of keys
// tools/bundle.mjs makes static/vendor/code-editor.mjs of it, which page.mjs brings in when a drawing has such an element.
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { pythonLanguage } from '@codemirror/lang-python';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, RangeSet, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutterLineClass, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const LEAVES = 'Tab leaves the editor now.';

// --- how it looks: by the page's tokens, which reach into the shadow and change with the theme

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.self], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--info)' },
  { tag: tags.comment, color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: tags.meta, color: 'var(--warn)' },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], fontWeight: '600' },
]);

const LOOKS = EditorView.theme({
  '&': {
    border: '1px solid var(--edge)',
    borderRadius: 'var(--radius-sm)',
    background: 'var(--raised)',
    color: 'var(--ink)',
    minWidth: '0',
    maxHeight: 'min(36rem, 70dvh)',
  },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '.8125rem', lineHeight: '1.5', overflow: 'auto' },
  '.cm-content': { minHeight: '12em', padding: 'var(--s2) 0', caretColor: 'var(--ink)' },
  '.cm-gutter': { minHeight: '12em' },
  '.cm-gutters': { background: 'var(--surface)', color: 'var(--ink-3)', borderRight: '1px solid var(--line-1)' },
  '.cm-wrong': { textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px' },
  '.cm-gutterElement.cm-wrong': { boxShadow: 'inset 3px 0 var(--bad)', color: 'var(--bad)', fontWeight: '600', textDecoration: 'none' },
  '.cm-gutterElement.cm-wrong::before': { content: '"! "' },
  '&.cm-focused .cm-matchingBracket, .cm-matchingBracket': { background: 'none', outline: '1px solid var(--edge)' },
  '&.cm-focused .cm-nonmatchingBracket, .cm-nonmatchingBracket': { background: 'none', outline: '1px dashed var(--bad)' },
  '.cm-specialChar': { color: 'var(--bad)' },
});

const HINT = ':host { display: block; min-width: 0 } p { margin: var(--s1) 0 0; color: var(--ink-3); font-size: var(--text-xs) }';

// --- lines with something wrong

/** @typedef {[line: number, says: string]} Mark */

/** @type {import('@codemirror/state').StateEffectType<Mark[]>} */
const marking = StateEffect.define();

const WRONG = new (class extends GutterMarker {
  /** @override */
  elementClass = 'cm-wrong';
})();

/**
 * @param {EditorState} state
 * @param {Mark[]} marks
 */
function marked(state, marks) {
  const ranges = marks
    .filter(([line]) => line >= 1 && line <= state.doc.lines)
    .sort(([one], [other]) => one - other)
    .map(([line, says]) => Decoration.line({ class: 'cm-wrong', attributes: { title: says } }).range(state.doc.line(line).from));
  return Decoration.set(ranges);
}

// The marks go with their lines while the text changes, until other marks come.
/** @type {StateField<import('@codemirror/view').DecorationSet>} */
const marks = StateField.define({
  create: () => Decoration.none,
  update(found, transaction) {
    for (const effect of transaction.effects) if (effect.is(marking)) return marked(transaction.state, effect.value);
    return found.map(transaction.changes);
  },
  provide: (field) => [
    EditorView.decorations.from(field),
    gutterLineClass.compute([field], (state) => {
      const at = [];
      for (let cursor = state.field(field).iter(); cursor.value; cursor.next()) at.push(WRONG.range(cursor.from));
      return RangeSet.of(at);
    }),
  ],
});

// --- Tab indents, and Escape sets it free until something else is done

/** @param {EditorView} view */
function free(view) {
  view.setTabFocusMode(true);
  view.dispatch({ effects: EditorView.announce.of(LEAVES) });
  return true;
}

/** @type {Record<string, (event: any, view: EditorView) => boolean>} */
const BINDS = {
  blur: (_event, view) => bound(view),
  mousedown: (_event, view) => bound(view),
  keydown: ({ key }, view) => (['Tab', 'Shift', 'Escape'].includes(key) ? false : bound(view)),
  beforeinput: (event, view) => replaces(event, view),
};

/**
 * Text in place of what is selected, and text of several lines, is put in here: Chromium would give it the look of what stood there by a style
 * attribute, which the policy refuses with an error in the console.
 * @param {InputEvent} event
 * @param {EditorView} view
 */
function replaces(event, view) {
  const text = event.data;
  if (event.inputType !== 'insertText' || !text || event.isComposing) return false;
  const [range] = event.getTargetRanges(); // what the editor knows of the selection may be older
  const chosen = view.state.selection.main;
  const from = range ? view.posAtDOM(range.startContainer, range.startOffset) : chosen.from;
  const to = range ? view.posAtDOM(range.endContainer, range.endOffset) : chosen.to;
  if (from === to && !text.includes('\n')) return false;
  const selection = { anchor: from + text.length };
  const insert = () => view.state.update({ changes: { from, to, insert: text }, selection, userEvent: 'input.type', scrollIntoView: true });
  const taken = view.state.facet(EditorView.inputHandler).some((handler) => handler(view, from, to, text, insert));
  if (!taken) view.dispatch(insert());
  return true;
}

/** @param {EditorView} view */
function bound(view) {
  view.setTabFocusMode(false);
  return false;
}

const TAKEN = new Set(['Mod-Enter', 'Escape']); // the page means something by the one, and the other is above
const KEYS = keymap.of([
  { key: 'Escape', run: free, stopPropagation: true },
  ...closeBracketsKeymap,
  ...defaultKeymap.filter(({ key }) => !TAKEN.has(key ?? '')),
  ...historyKeymap,
  indentWithTab,
]);

// --- the element

class CodeEditor extends HTMLElement {
  static observedAttributes = ['data-rev', 'data-marks', 'data-locked'];

  /** @type {EditorView | null} */
  #view = null;
  #reading = new Compartment();
  #hint = document.createElement('p');
  #rev = '';

  connectedCallback() {
    queueMicrotask(() => this.#stand()); // a drawing puts in what it holds only after it
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected) return; // it was moved
      this.#view?.destroy();
      this.#view = null;
    });
  }

  attributeChangedCallback() {
    if (this.#view) queueMicrotask(() => this.#follow()); // the textarea is drawn after it
  }

  /** The field that it stands for. */
  get #field() {
    return this.querySelector('textarea');
  }

  #stand() {
    const field = this.#field;
    if (!field || !this.isConnected || this.#view) return;
    const typing = field === document.activeElement ? { anchor: field.selectionStart, head: field.selectionEnd } : null;
    const root = this.shadowRoot ?? this.#shadow();
    this.#hint.textContent = this.dataset.hint ?? '';
    this.#rev = this.dataset.rev ?? '';
    this.#view = new EditorView({ root, parent: root, state: this.#state(field) });
    root.append(this.#hint);
    this.#mark();
    if (!typing) return;
    this.#view.dispatch({ selection: typing });
    this.#view.focus();
  }

  #shadow() {
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(HINT);
    root.adoptedStyleSheets = [sheet];
    this.#hint.id = 'hint';
    this.addEventListener('click', (event) => {
      if (event.target === this.#field) this.#view?.focus(); // its label was clicked
    });
    return root;
  }

  /** @param {HTMLTextAreaElement} field */
  #state(field) {
    const most = field.maxLength > 0 ? field.maxLength : Number.POSITIVE_INFINITY;
    const name = field.labels?.[0]?.textContent ?? '';
    return EditorState.create({
      doc: field.value,
      extensions: [
        EditorView.domEventHandlers(BINDS), // before the keys, of which each that means something goes no further
        KEYS,
        EditorState.changeFilter.of((change) => {
          const length = change.newDoc.length;
          if (!change.docChanged || length <= most || length < change.startState.doc.length) return true;
          this.dispatchEvent(new CustomEvent('toolong', { bubbles: true, detail: { length, name } }));
          return false;
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) this.#said(update.state.doc.toString());
        }),
        EditorView.contentAttributes.of({
          'aria-label': name,
          'aria-describedby': 'hint',
          autocorrect: 'off',
          autocapitalize: 'off',
          spellcheck: 'false',
        }),
        this.#reading.of(this.#locks()),
        EditorState.tabSize.of(4),
        indentUnit.of('    '),
        pythonLanguage,
        syntaxHighlighting(COLOURS),
        bracketMatching(),
        closeBrackets(),
        highlightSpecialChars(),
        history(),
        indentOnInput(),
        lineNumbers(),
        marks,
        LOOKS,
      ],
    });
  }

  #locks() {
    return EditorState.readOnly.of(this.dataset.locked !== undefined);
  }

  /** What was typed is the field's, and told as if it had been typed there. */
  #said(/** @type {string} */ text) {
    const field = this.#field;
    if (!field) return;
    field.value = text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }

  /** What a drawing changed. */
  #follow() {
    const field = this.#field;
    if (!field || !this.#view) return;
    if (this.#rev !== this.dataset.rev) {
      this.#rev = this.dataset.rev ?? '';
      this.#view.setState(this.#state(field));
    } else this.#view.dispatch({ effects: this.#reading.reconfigure(this.#locks()) });
    this.#mark();
  }

  #mark() {
    /** @type {Mark[]} */
    const found = JSON.parse(this.dataset.marks || '[]');
    this.#view?.dispatch({ effects: marking.of(found) });
  }
}

customElements.define('code-editor', CodeEditor);
