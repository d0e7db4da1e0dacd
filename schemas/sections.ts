/** The parts of hand-written pages that are made from definitions. */

/** The page with `text` between `<!-- generated:NAME -->` and `<!-- /generated:NAME -->`. Throws where it lacks them. */
export function withSection(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the page lacks ${open} … ${close}`);
  return `${page.slice(0, from + open.length)}\n\n${text}\n${page.slice(to)}`;
}
