// Forms that ask send only the fields that say something: addresses stay short and alike.
{
  document.addEventListener("formdata", (event) => {
    if (event.target.method !== "get") return;
    const said = [...event.formData].filter(([, value]) => value.trim());
    for (const name of [...event.formData.keys()]) event.formData.delete(name);
    for (const [name, value] of said) event.formData.append(name, value.trim());
  });
}
