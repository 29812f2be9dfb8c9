// Shows the API in ReDoc, which the page loaded before this module.
// Its search runs in a worker made of a blob, which our policy does not let run.
Redoc.init("/openapi.json", { disableSearch: true }, document.getElementById("reference"));
