// Shows the API in Swagger UI, which the page loaded before this module.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  // Otherwise a badge is asked of swagger.io.
  validatorUrl: null,
});
