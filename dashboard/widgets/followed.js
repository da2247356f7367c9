// Makes the page equal to the wanted markup by the fewest changes.

export default function mount({ parentElement, data }) {
  const root = parentElement.querySelector(".gspe-followed");
  const wanted = new DOMParser().parseFromString(data.html, "text/html").body;
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  followChildren(root, wanted);
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

function followChildren(parent, wanted) {
  const keyed = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstChild;
  for (const next of [...wanted.childNodes]) {
    const key = next.dataset?.key;
    const known = key ? keyed.get(key) : place?.dataset?.key ? null : place;
    if (!known || known.nodeName !== next.nodeName) {
      parent.insertBefore(document.importNode(next, true), place);
      continue;
    }
    if (known === place) place = place.nextSibling;
    else parent.insertBefore(known, place);
    follow(known, next);
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

function follow(node, wanted) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data !== wanted.data) node.data = wanted.data;
    return;
  }
  for (const { name } of [...node.attributes]) if (!wanted.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  followChildren(node, wanted);
}
