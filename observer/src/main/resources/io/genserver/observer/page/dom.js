// Builds elements. Text becomes text nodes only, so nothing that the program has named, thrown or
// stored can become markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, properties, children) {
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function h(name, properties, ...children) {
  return fill(document.createElement(name), properties, children);
}

export function svg(name, properties, ...children) {
  return fill(document.createElementNS(SVG, name), properties, children);
}

// Makes the content of an element what is given, and leaves alone what has not changed. So nothing
// jumps, and focus, scroll positions, selected text and what is open stay.
export function show(parent, ...children) {
  const fresh = document.createElement(parent.tagName);
  append(fresh, children);
  patch(parent, fresh);
}

function patch(old, fresh) {
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, i) => {
    const known = before[i];
    if (!known) old.append(node);
    else if (!isAlike(known, node)) known.replaceWith(node);
    else if (node.nodeType === Node.TEXT_NODE) {
      if (known.data !== node.data) known.data = node.data;
    } else if (!known.isEqualNode(node)) {
      update(known, node);
    }
  });
  before.slice(after.length).forEach(node => node.remove());
}

function isAlike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName
    && one.dataset?.key === other.dataset?.key;
}

function update(known, node) {
  for (const {name} of [...known.attributes]) {
    if (!node.hasAttribute(name) && name !== 'open') known.removeAttribute(name);
  }
  for (const {name, value} of node.attributes) {
    if (known.getAttribute(name) !== value && name !== 'open') known.setAttribute(name, value);
  }
  if (known !== document.activeElement || !(known instanceof HTMLInputElement)) patch(known, node);
}

// What a click does is found by a name in the element, because elements are kept and changed.
const actions = new Map();

export function on(name, action) {
  actions.set(name, action);
}

for (const type of ['click', 'change', 'input']) {
  document.addEventListener(type, event => {
    const element = event.target.closest?.(`[data-${type}]`);
    const action = element && actions.get(element.getAttribute(`data-${type}`));
    if (action) action(element, event);
  });
}
