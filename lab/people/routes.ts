export { type Route, restRoutes } from '../../scripts/references/rest-routes.js';
