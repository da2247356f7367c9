// Builds the form once and refreshes its words at later reruns, so that nothing typed is lost.

export default function mount({ parentElement, data }) {
  const root = parentElement.querySelector(".gspe-form");
  const built = JSON.stringify([data.action, data.fields.map((field) => field.name)]);
  if (root.dataset.built !== built) {
    root.replaceChildren(build(data));
    root.dataset.built = built;
  }
  refresh(root, data);
}

function element(name, properties = {}, ...children) {
  const created = Object.assign(document.createElement(name), properties);
  created.append(...children);
  return created;
}

function build(data) {
  const hidden = (name) => element("input", { type: "hidden", name });
  const form = element("form", { method: "post", action: data.action }, hidden("csrf"), hidden("next"));
  form.append(element("p", { className: "gspe-form-error", id: "gspe-form-error", role: "alert" }));
  for (const field of data.fields) {
    const id = `gspe-field-${field.name}`;
    const input = element("input", { id, name: field.name, type: field.type, required: true });
    input.autocomplete = field.autocomplete;
    if (field.min_length) input.minLength = field.min_length;
    form.append(element("label", { htmlFor: id }), input);
  }
  form.append(element("button", { type: "submit" }));
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    setTimeout(() => (button.disabled = true)); // after the browser has read the form
  });
  addEventListener("pageshow", () => (form.querySelector("button").disabled = false));
  setTimeout(() => form.querySelector("input:not([type=hidden])")?.focus());
  return form;
}

function refresh(root, data) {
  const form = root.querySelector("form");
  root.classList.toggle("gspe-form-quiet", data.quiet);
  form.elements.csrf.value = data.csrf;
  form.elements.next.value = data.next_path;
  form.querySelector("button").textContent = data.submit;
  const labels = form.querySelectorAll("label");
  data.fields.forEach((field, i) => (labels[i].textContent = field.label));
  const error = form.querySelector(".gspe-form-error");
  error.textContent = data.error ?? "";
  for (const input of form.querySelectorAll("input:not([type=hidden])")) {
    if (data.error) input.setAttribute("aria-describedby", error.id);
  }
}
