// Runs before the first paint, so that the chosen colours never flash.
{
  const chosen = localStorage.getItem("souk.theme")
  if (chosen) document.documentElement.dataset.theme = chosen
}
