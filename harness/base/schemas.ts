/**
 * Shapes as data, and checks compiled from them. The one door to that library: it is hundreds of files, and the build puts
 * them into this one (`deploy/bundle-schemas.mjs`), so that every command starts quickly.
 */

export { Type, type Static, type TSchema } from 'typebox';
export { Compile } from 'typebox/compile';
