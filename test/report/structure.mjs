// A page as an HTML5 parser reads it.
import { parse } from 'parse5';

// Every element of a page, with its attributes as a Map and its depth.
export function elementsOf(html) {
  const errors = [];
  const document = parse(html, { onParseError: (error) => errors.push(`${error.code} at ${error.startLine}`) });
  const elements = [];
  const walk = (node, depth) => {
    if (node.tagName) {
      elements.push({
        tag: node.tagName,
        attributes: new Map(node.attrs.map(({ name, value }) => [name, value])),
        depth,
        text: node.childNodes.filter((child) => child.nodeName === '#text').map((child) => child.value).join(''),
      });
    }
    for (const child of node.childNodes ?? []) walk(child, depth + 1);
  };
  walk(document, 0);
  return { elements, errors };
}

// What of a page no text of others may change: elements, their depth, the names of their attributes, and the
// attributes that mean something to a browser.
export function skeletonOf(html) {
  return elementsOf(html).elements.map(({ tag, attributes, depth }) => {
    const names = [...attributes.keys()].sort().join(' ');
    const values = ['class', 'id', 'rel', 'role', 'http-equiv'].map((name) => attributes.get(name) ?? '').join('|');
    return `${depth} ${tag} [${names}] ${values}`;
  });
}

// What a report must never have; a line each.
export function dangersIn(html) {
  const { elements, errors } = elementsOf(html);
  const dangers = errors.map((error) => `not well-formed: ${error}`);
  for (const { tag, attributes } of elements) {
    if (['script', 'iframe', 'object', 'embed', 'img', 'link', 'base', 'form', 'input', 'foreignobject', 'use',
      'animate', 'set'].includes(tag)) {
      dangers.push(`<${tag}>`);
    }
    for (const [name, value] of attributes) {
      if (/^on|^style$|^src|^action$|^formaction$|^xlink/.test(name)) dangers.push(`<${tag} ${name}>`);
      if (name === 'href' && !/^(#[a-z0-9-]+|https?:\/\/[!-~]+)$/.test(value)) dangers.push(`href="${value}"`);
      if (name === 'href' && !value.startsWith('#') && attributes.get('rel') !== 'noopener noreferrer') {
        dangers.push(`href="${value}" tells where it comes from`);
      }
    }
  }
  return dangers;
}
