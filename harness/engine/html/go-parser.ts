/**
 * The parser where Go does otherwise than parse5 7: a `select` is read by the younger rules (elements may stand in it: WHATWG
 * HTML, "in body"), and `</>` is a comment. Stands on what parse5 keeps to itself, and so on its exact version.
 */
/* eslint-disable no-underscore-dangle -- names of parse5 */
import type { DefaultTreeAdapterMap, html, Parser, Token } from 'parse5';

type Parse5 = typeof import('parse5');
type ParserClass = typeof Parser<DefaultTreeAdapterMap>;

/** As parse5 numbers what it is at. */
const MODE = { inBody: 6, inTable: 8, inCell: 14, inSelect: 15, inSelectInTable: 16 } as const;

/** The class whose `parse` reads a page. */
export function goParser({ ErrorCodes, Parser, html }: Parse5): ParserClass {
  const { TAG_ID } = html;
  const { SELECT } = TAG_ID;
  /** With a select: nothing in it sees what is around it. */
  const scopes = new Map<Set<html.TAG_ID>, Set<html.TAG_ID>>();
  const withSelect = (scope: Set<html.TAG_ID>): Set<html.TAG_ID> => {
    const wider = scopes.get(scope) ?? new Set([...scope, SELECT]);
    scopes.set(scope, wider);
    return wider;
  };

  return class extends Parser<DefaultTreeAdapterMap> {
    constructor(...given: ConstructorParameters<ParserClass>) {
      super(...given);
      const open = this.openElements;
      // By its name in brackets: it is private.
      const isInScope = open['hasInDynamicScope'].bind(open);
      open['hasInDynamicScope'] = (tag: html.TAG_ID, scope: Set<html.TAG_ID>) =>
        isInScope(tag, withSelect(scope));
      // Go makes a comment of `</>`.
      const { tokenizer } = this;
      tokenizer['_err'] = (code) => {
        if (code !== ErrorCodes.missingEndTagName) return;
        tokenizer['_createCommentToken'](0);
        tokenizer['emitCurrentComment'](tokenizer['currentToken'] as Token.CommentToken);
      };
      const isHeaderInScope = open.hasNumberedHeaderInScope.bind(open);
      open.hasNumberedHeaderInScope = () => {
        const tags = open.tagIDs.slice(0, open.stackTop + 1);
        const header = tags.findLastIndex((tag) => html.NUMBERED_HEADERS.has(tag));
        return tags.lastIndexOf(SELECT) < header && isHeaderInScope();
      };
    }

    override _startTagOutsideForeignContent(token: Token.TagToken): void {
      const before: number = this.insertionMode;
      if (this.#isInSelect() && this.#isDone(token.tagID)) return;
      super._startTagOutsideForeignContent(token);
      const after: number = this.insertionMode;
      if (after !== MODE.inSelect && after !== MODE.inSelectInTable) return;
      this.insertionMode = before >= MODE.inTable && before <= MODE.inCell ? before : MODE.inBody;
    }

    override _endTagOutsideForeignContent(token: Token.TagToken): void {
      if (token.tagID !== SELECT || !this.#isInSelect()) {
        super._endTagOutsideForeignContent(token);
        return;
      }
      this.openElements.generateImpliedEndTags();
      this.openElements.popUntilTagNamePopped(SELECT);
    }

    /** Where the parser goes on, after a table or template in a select: as if that were not there. */
    override _resetInsertionModeForSelect(): void {
      const { tagIDs } = this.openElements;
      const tags = [...tagIDs];
      tags.forEach((tag, at) => (tagIDs[at] = tag === SELECT ? TAG_ID.SPAN : tag));
      this._resetInsertionMode();
      tags.forEach((tag, at) => (tagIDs[at] = tag));
    }

    #isInSelect(): boolean {
      return this.openElements.stackTop >= 0 && this.openElements.hasInScope(SELECT);
    }

    /** What a start tag ends in the select around it; whether that is all that it does. */
    #isDone(tag: html.TAG_ID): boolean {
      const open = this.openElements;
      if (tag === SELECT || tag === TAG_ID.INPUT) open.popUntilTagNamePopped(SELECT);
      else if (tag === TAG_ID.OPTION) {
        while (open.currentTagId !== TAG_ID.OPTGROUP && this.#endsByItself(open.currentTagId)) open.pop();
      } else if (tag === TAG_ID.OPTGROUP) open.generateImpliedEndTags();
      else if (tag === TAG_ID.HR) {
        if (open.hasInButtonScope(TAG_ID.P)) this._closePElement();
        open.generateImpliedEndTags();
      }
      return tag === SELECT;
    }

    #endsByItself(tag: html.TAG_ID | undefined): boolean {
      const { DD, DT, LI, OPTION, P, RB, RP, RT, RTC } = TAG_ID;
      return tag !== undefined && [DD, DT, LI, OPTION, P, RB, RP, RT, RTC].includes(tag);
    }
  };
}
