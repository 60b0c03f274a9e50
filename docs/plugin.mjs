// TypeDoc shows what is declared; what is made from something else it leaves without a text. Here
// - methods of Tensor (src/ops/methods.ts: a mapped type over a table of functions) are methods with their function's text,
// - constants that hold a function are functions, and a rest parameter of known length is separate parameters,
// - an override without a text has that of its base, a field that of the option it keeps, a parameter that of its field.
import {
  Comment,
  Converter,
  NamedTupleMember,
  ParameterReflection,
  ReflectionFlag,
  ReflectionKind,
  TupleType,
} from 'typedoc';
import ts from 'typescript';

const isEntry = (node) => ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node);

/** The function that a declaration in the table stands for: `add: binary.add` → add of binary.ts. */
function functionOf({ checker }, declaration) {
  if (declaration === undefined || !isEntry(declaration)) return undefined;
  const found = ts.isShorthandPropertyAssignment(declaration)
    ? checker.getShorthandAssignmentValueSymbol(declaration)
    : checker.getSymbolAtLocation(declaration.initializer);
  return found && found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
}

/** The option that a field of a class keeps: the one of the same name that the constructor takes. */
function optionOf({ checker }, field) {
  const owner = field?.parent?.declarations?.find(ts.isClassDeclaration);
  const { parameters = [] } = owner?.members.find(ts.isConstructorDeclaration) ?? {};
  const types = parameters.map((parameter) => checker.getNonNullableType(checker.getTypeAtLocation(parameter)));
  return types.map((type) => checker.getPropertyOfType(type, field.name)).find((option) => option !== undefined);
}

/** What the compiler shows for a symbol, which for a member without a text is that of the class it overrides. */
function documentation(context, symbol) {
  const text = ts.displayPartsToString(symbol?.getDocumentationComment(context.checker) ?? []);
  return text ? new Comment([{ kind: 'text', text }]) : undefined;
}

function onDeclaration(context, reflection) {
  if (reflection.comment || !reflection.kindOf(ReflectionKind.Property)) return;
  const symbol = context.getSymbolFromReflection(reflection);
  const named = functionOf(context, symbol?.declarations?.[0]) ?? symbol;
  reflection.comment = documentation(context, named) ?? documentation(context, optionOf(context, symbol));
}

function onSignature(context, signature) {
  const owner = signature.parent;
  if (signature.comment || owner.comment || !owner.kindOf(ReflectionKind.ClassMember)) return;
  signature.comment = documentation(context, context.getSymbolFromReflection(owner));
}

/** Makes a property or variable whose type is that of a function a method or function. */
function makeFunction(project, reflection, kind) {
  const type = reflection.type?.type === 'reflection' ? reflection.type.declaration : undefined;
  if (!type?.signatures || type.children) return;
  const { signatures } = type;
  delete type.signatures;
  for (const signature of signatures) {
    signature.parent = reflection;
    signature.name = reflection.name;
    signature.comment = reflection.comment;
  }
  project.removeReflection(type);
  reflection.kind = kind;
  reflection.signatures = signatures;
  reflection.flags.setFlag(ReflectionFlag.Readonly, false);
  reflection.flags.setFlag(ReflectionFlag.Const, false);
  for (const key of ['type', 'comment', 'defaultValue']) delete reflection[key];
}

/** `...args: [a: number, b?: string]` as two parameters. */
function spread(project, signature) {
  const rest = signature.parameters?.at(-1);
  if (!(rest?.flags.isRest && rest.type instanceof TupleType)) return;
  if (!rest.type.elements.every((element) => element instanceof NamedTupleMember)) return;
  const parameters = rest.type.elements.map((element) => {
    const parameter = new ParameterReflection(element.name, ReflectionKind.Parameter, signature);
    const isRest = element.element.type === 'rest';
    parameter.type = isRest ? element.element.elementType : element.element;
    parameter.flags.setFlag(ReflectionFlag.Optional, element.isOptional);
    parameter.flags.setFlag(ReflectionFlag.Rest, isRest);
    project.registerReflection(parameter, undefined, undefined);
    return parameter;
  });
  signature.parameters = [...signature.parameters.slice(0, -1), ...parameters];
  delete rest.type;
  project.removeReflection(rest);
}

function onResolve(context) {
  const { project } = context;
  for (const property of project.getReflectionsByKind(ReflectionKind.Property)) {
    if (context.getSymbolFromReflection(property)?.declarations?.some(isEntry))
      makeFunction(project, property, ReflectionKind.Method);
  }
  for (const variable of project.getReflectionsByKind(ReflectionKind.Variable))
    makeFunction(project, variable, ReflectionKind.Function);
  for (const signature of project.getReflectionsByKind(ReflectionKind.CallSignature)) spread(project, signature);
  for (const signature of project.getReflectionsByKind(ReflectionKind.ConstructorSignature)) {
    for (const parameter of signature.parameters ?? []) {
      const field = signature.parent.parent.children?.find(({ name }) => name === parameter.name);
      parameter.comment ??= field?.comment?.clone();
    }
  }
}

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, onDeclaration);
  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, onSignature);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, onResolve);
}
