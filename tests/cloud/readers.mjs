// Each document of the JSON list on standard input as HTML, by each reader of Markdown that npm
// has: {"marked": [...], ...}. Run from the folder that holds them (.ci/install-servers).
import { text } from "node:stream/consumers";
import * as commonmark from "commonmark";
import MarkdownIt from "markdown-it";
import { Marked } from "marked";
import { Marked as MarkedOfJupyterLab } from "marked-of-jupyterlab";
import { remark } from "remark";
import remarkGfm from "remark-gfm";
import remarkHtml from "remark-html";

const [parser, writer] = [new commonmark.Parser(), new commonmark.HtmlRenderer()];
const markdownIt = new MarkdownIt({ html: true, linkify: true });
const withGfm = remark().use(remarkGfm).use(remarkHtml, { sanitize: false });
const readers = {
  commonmark: (page) => writer.render(parser.parse(page)),
  "markdown-it": (page) => markdownIt.render(page),
  marked: (page) => new Marked({ gfm: true }).parse(page),
  "marked of JupyterLab": (page) => new MarkedOfJupyterLab({ gfm: true }).parse(page),
  remark: (page) => String(withGfm.processSync(page)),
};
const documents = JSON.parse(await text(process.stdin));
const html = ([name, read]) => [name, documents.map(read)];
console.log(JSON.stringify(Object.fromEntries(Object.entries(readers).map(html))));
