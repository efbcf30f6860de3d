import { join } from 'node:path';
import {
  API,
  type Checker,
  type Project,
  SymbolFlags,
  type Type,
  TypeFlags,
  type Symbol as TypeSymbol,
  type UnionType,
} from 'typescript/unstable/sync';
import { type Schema, SHAPES } from './json-schema.js';

/** A property of an interface, with its doc comment. */
export interface Member {
  name: string;
  /** The comment without its tags. */
  text: string;
  /** The text behind each tag, by the tag's name. */
  tags: Record<string, string[]>;
  type: Type;
}

const NAMED = /^[A-Z]\w*$/;

/**
 * The types of src/contract as JSON schemas. Interfaces and aliases become shapes of their own, which others refer to;
 * comments become descriptions. It asks the compiler, so that whatever the compiler can resolve is described.
 */
export class ContractTypes {
  /** The shapes that were needed so far. */
  readonly shapes: Record<string, Schema> = {};
  readonly #api: API;
  readonly #project: Project;
  readonly #checker: Checker;

  constructor(root: string) {
    this.#api = new API({ cwd: root });
    const config = join(root, 'scripts/references/tsconfig.json');
    const snapshot = this.#api.updateSnapshot({ openProjects: [config] });
    const project = snapshot.getProjects().find(({ configFileName }) => configFileName === config);
    if (!project) throw new Error(`TypeScript does not open ${config}`);
    this.#project = project;
    this.#checker = project.checker;
  }

  close(): void {
    this.#api.close();
  }

  /** The properties of an interface that `file` exports. */
  members(file: string, name: string): Member[] {
    return this.#properties(this.#exported(file, name)).map((symbol) => this.#member(symbol));
  }

  /** The properties of a type, such as the parts of a call. */
  membersOf(type: Type): Member[] {
    return this.#properties(type).map((symbol) => this.#member(symbol));
  }

  /** The shape of a type that `file` exports. */
  shape(file: string, name: string): Schema {
    return this.schemaOf(this.#exported(file, name));
  }

  schemaOf(type: Type, annotation = ''): Schema {
    const name = this.#nameOf(type);
    if (name === undefined) return this.#build(type, annotation);
    if (!this.shapes[name]) {
      // The shape is put there before it is complete, because it may contain itself.
      this.shapes[name] = {};
      const text = type.getAliasSymbol() ?? type.getSymbol();
      const description = text?.getDocumentationComment(this.#checker);
      const schema = this.#build(type, annotation);
      this.shapes[name] = { ...(description && { description }), ...schema };
    }
    return { $ref: SHAPES + name };
  }

  #exported(file: string, name: string): Type {
    const { program } = this.#project;
    const path = program.getSourceFileNames().find((known) => known.endsWith(file));
    const source = path === undefined ? undefined : program.getSourceFile(path);
    const module = source && this.#checker.getSymbolAtLocation(source);
    const symbols = module ? this.#checker.getExportsOfModule(module) : [];
    const found = symbols.find((symbol) => symbol.name === name);
    if (!found) throw new Error(`${file} exports no ${name}`);
    return this.#checker.getDeclaredTypeOfSymbol(found);
  }

  #properties(type: Type): readonly TypeSymbol[] {
    return this.#checker.getPropertiesOfType(type);
  }

  #member(symbol: TypeSymbol): Member {
    const tags: Record<string, string[]> = {};
    for (const { name, text } of symbol.getJsDocTags(this.#checker)) {
      tags[name] = [...(tags[name] ?? []), oneLine(text ?? '')];
    }
    return {
      name: symbol.name,
      text: oneLine(symbol.getDocumentationComment(this.#checker)),
      tags,
      type: this.#typeOf(symbol),
    };
  }

  #typeOf(symbol: TypeSymbol): Type {
    const type = this.#checker.getTypeOfSymbol(symbol);
    if (!type) throw new Error(`${symbol.name} has no type`);
    return type;
  }

  /** Types with a name of their own. Those with arguments, like `Pick`, stand in full where they are used. */
  #nameOf(type: Type): string | undefined {
    if (type.getAliasTypeArguments().length > 0) return undefined;
    const alias = type.getAliasSymbol();
    if (alias) return alias.name;
    const symbol = type.isClassOrInterface() ? type.getSymbol() : undefined;
    return symbol && NAMED.test(symbol.name) ? symbol.name : undefined;
  }

  #build(type: Type, annotation: string): Schema {
    if (type.flags & TypeFlags.Boolean) return { type: 'boolean' };
    if (type.isUnionType()) return this.#union(type, annotation);
    if (type.isStringLiteralType() || type.isNumberLiteralType()) return { const: type.value };
    if (type.flags & TypeFlags.String) return text(annotation);
    if (type.flags & TypeFlags.Number) return number(annotation);
    if (type.flags & TypeFlags.Null) return { type: 'null' };
    if (type.flags & TypeFlags.AnyOrUnknown) return {};
    if (type.isTupleType() || this.#checker.isTupleType(type)) return this.#tuple(type, annotation);
    if (this.#checker.isArrayType(type)) return this.#array(type, annotation);
    if (type.isObjectType() || type.isIntersectionType()) return this.#object(type);
    throw new Error(`No schema for ${this.#checker.typeToString(type)}`);
  }

  #arguments(type: Type): readonly Type[] {
    return type.isObjectType() ? this.#checker.getTypeArguments(type as never) : [];
  }

  #array(type: Type, annotation: string): Schema {
    const [item] = this.#arguments(type);
    return { type: 'array', items: item ? this.schemaOf(item, annotation) : {} };
  }

  /**
   * A tuple becomes a list of a certain length: the dialects of the two references write tuples differently, lists
   * alike.
   */
  #tuple(type: Type, annotation: string): Schema {
    const all = this.#arguments(type).map((item) => this.schemaOf(item, annotation));
    const [first = {}] = all;
    if (all.some((one) => JSON.stringify(one) !== JSON.stringify(first)))
      throw new Error(`No schema for ${this.#checker.typeToString(type)}: its entries differ`);
    return { type: 'array', items: first, minItems: all.length, maxItems: all.length };
  }

  #union(union: UnionType, annotation: string): Schema {
    const all = union.getTypes() ?? [];
    const types = all.filter(({ flags }) => !(flags & TypeFlags.Undefined));
    const literals = types.filter((type) => type.isStringLiteralType());
    const isBoolean = types.some((type) => type.isBooleanLiteralType());
    const others = types.filter(
      (type) => !type.isStringLiteralType() && !type.isBooleanLiteralType(),
    );
    const parts: Schema[] = [
      ...(literals.length > 0
        ? [{ type: 'string', enum: literals.map(({ value }) => value) }]
        : []),
      ...(isBoolean ? [{ type: 'boolean' }] : []),
      ...others.map((type) => this.schemaOf(type, annotation)),
    ];
    return joined(parts);
  }

  #object(type: Type): Schema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const symbol of this.#properties(type)) {
      const isOptional = (symbol.flags & SymbolFlags.Optional) !== 0;
      const description = oneLine(symbol.getDocumentationComment(this.#checker));
      const schema = this.schemaOf(this.#typeOf(symbol), this.#annotation(symbol));
      properties[symbol.name] = { ...schema, ...(description && { description }) };
      if (!isOptional) required.push(symbol.name);
    }
    const [index] = this.#checker.getIndexInfosOfType(type);
    return {
      type: 'object',
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(required.length > 0 && { required }),
      ...(index && { additionalProperties: this.#rest(index.valueType) }),
    };
  }

  #rest(type: Type): boolean | Schema {
    return type.flags & TypeFlags.Never ? false : this.schemaOf(type);
  }

  /** The source's words about a property: aliases of strings and numbers leave no trace in the type. */
  #annotation(symbol: TypeSymbol): string {
    const declared = symbol.valueDeclaration ?? symbol.declarations[0];
    return declared?.resolve(this.#project)?.getText() ?? '';
  }
}

const text = (annotation: string): Schema =>
  /\bTimestamp\b/.test(annotation) ? { type: 'string', format: 'date-time' } : { type: 'string' };

const number = (annotation: string): Schema =>
  /\bAmount\b/.test(annotation) ? { type: 'number' } : { type: 'integer' };

/** Alternatives as one schema. The type says that a value may be missing, which suits readers and generators best. */
function joined(parts: Schema[]): Schema {
  const [first = {}, ...rest] = parts;
  if (rest.length === 0) return first;
  const [value, nothing] = [parts.filter(({ type }) => type !== 'null'), { type: 'null' }];
  const [only] = value;
  if (value.length !== 1 || !only || value.length === parts.length) return { anyOf: parts };
  if (only.enum) return { ...only, type: ['string', 'null'], enum: [...only.enum, null] };
  const isPlain = typeof only.type === 'string' && only.type !== 'object' && only.type !== 'array';
  return isPlain ? { ...only, type: [String(only.type), 'null'] } : { anyOf: [only, nothing] };
}

const oneLine = (said: string): string => said.replace(/\s+/g, ' ').trim();
