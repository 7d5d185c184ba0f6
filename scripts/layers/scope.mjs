/**
 * @typedef {{ type: string, start: number, [key: string]: unknown }} Node an ESTree node with TypeScript's additions
 * @typedef {{ name: string, start: number, isType: boolean }} Reference
 * @typedef {{ names: Set<string>, parent: Scope | null }} Scope
 */

/** @param {unknown} value @returns {value is Node} */
const isNode = (value) =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** @param {Node | null} node @param {string} key @returns {Node | null} */
export const nodeAt = (node, key) => {
  const value = node?.[key]
  return isNode(value) ? value : null
}

/** @param {Node | null} node @param {string} key @returns {Node[]} */
export const nodesAt = (node, key) => {
  const value = node?.[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** @param {Node | null} node @param {string} key @returns {string} empty where there is no text */
export const textAt = (node, key) => {
  const value = node?.[key]
  return typeof value === 'string' ? value : ''
}

/** @param {Node} node @returns {Node[]} */
export function children(node) {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
}

/** @param {Node | null} pattern of a declaration @param {Set<string>} names to add to */
function bind(pattern, names) {
  if (!pattern) return
  if (pattern.type === 'Identifier') names.add(textAt(pattern, 'name'))
  else if (pattern.type === 'AssignmentPattern') bind(nodeAt(pattern, 'left'), names)
  else if (pattern.type === 'RestElement') bind(nodeAt(pattern, 'argument'), names)
  else if (pattern.type === 'TSParameterProperty') bind(nodeAt(pattern, 'parameter'), names)
  else if (pattern.type === 'ArrayPattern')
    for (const element of nodesAt(pattern, 'elements')) bind(element, names)
  else if (pattern.type === 'ObjectPattern')
    for (const item of nodesAt(pattern, 'properties')) bind(nodeAt(item, 'value') ?? item, names)
}

const functions =
  /^(Function(Declaration|Expression)|ArrowFunctionExpression|TSDeclareFunction|TSEmptyBodyFunctionExpression)$/
const signatures =
  /^TS(FunctionType|ConstructorType|MethodSignature|CallSignatureDeclaration|ConstructSignatureDeclaration|IndexSignature)$/
const named =
  /^(FunctionDeclaration|ClassDeclaration|TSDeclareFunction|TS(Interface|TypeAlias|Enum|Module)Declaration|TSImportEqualsDeclaration)$/
const blocks = /^(Program|BlockStatement|StaticBlock|SwitchStatement|For(In|Of)?Statement|TSModuleBlock)$/

/** @param {Node} statement @param {Set<string>} names the declarations that a block holds itself */
function bindStatement(statement, names) {
  if (statement.type === 'VariableDeclaration')
    for (const item of nodesAt(statement, 'declarations')) bind(nodeAt(item, 'id'), names)
  else if (statement.type === 'ImportDeclaration')
    for (const item of nodesAt(statement, 'specifiers')) bind(nodeAt(item, 'local'), names)
  else if (named.test(statement.type)) bind(nodeAt(statement, 'id'), names)
  else if (/^Export(Named|Default)Declaration$/.test(statement.type)) {
    const declaration = nodeAt(statement, 'declaration')
    if (declaration) bindStatement(declaration, names)
  }
}

/** @param {Node} node @returns {Set<string>} the names that are known from this node inwards */
function declaredBy(node) {
  /** @type {Set<string>} */
  const names = new Set()
  if (functions.test(node.type) || signatures.test(node.type)) {
    for (const parameter of [...nodesAt(node, 'params'), ...nodesAt(node, 'parameters')])
      bind(parameter, names)
    if (node.type === 'FunctionExpression') bind(nodeAt(node, 'id'), names)
    if (node.type !== 'ArrowFunctionExpression') names.add('arguments')
  }
  if (node.type === 'ClassExpression') bind(nodeAt(node, 'id'), names)
  if (node.type === 'CatchClause') bind(nodeAt(node, 'param'), names)
  if (node.type === 'TSMappedType') bind(nodeAt(node, 'key'), names)
  if (blocks.test(node.type)) {
    const heads = [nodeAt(node, 'init'), nodeAt(node, 'left')].filter(isNode)
    const cases = nodesAt(node, 'cases').flatMap((item) => nodesAt(item, 'consequent'))
    const body = nodesAt(node, 'body')
    for (const statement of [...heads, ...cases, ...body]) bindStatement(statement, names)
  }
  for (const parameter of nodesAt(nodeAt(node, 'typeParameters'), 'params'))
    bind(nodeAt(parameter, 'name'), names)
  // `infer T` is known in the true branch: the whole conditional type is near enough.
  if (node.type === 'TSConditionalType') bindInferred(nodeAt(node, 'extendsType'), names)
  return names
}

/** @param {Node | null} type @param {Set<string>} names */
function bindInferred(type, names) {
  if (!type) return
  if (type.type === 'TSInferType') bind(nodeAt(nodeAt(type, 'typeParameter'), 'name'), names)
  for (const child of children(type)) bindInferred(child, names)
}

/** @param {Node} node @param {Node} parent @returns {boolean} whether this identifier only names a member or a label */
function isMereName(node, parent) {
  if (/^(Static)?MemberExpression$/.test(parent.type))
    return parent['property'] === node && !parent['computed']
  if (parent.type === 'TSQualifiedName') return parent['right'] === node
  if (
    /^(Property|MethodDefinition|PropertyDefinition|AccessorProperty|TSAbstract\w+|TSPropertySignature|TSMethodSignature)$/.test(
      parent.type,
    )
  )
    return parent['key'] === node && !parent['computed'] && !parent['shorthand']
  if (
    /^(LabeledStatement|BreakStatement|ContinueStatement|MetaProperty|ImportAttribute|TSEnumMember|TSNamedTupleMember|TSTypePredicate)$/.test(
      parent.type,
    )
  )
    return parent.type !== 'TSEnumMember' || parent['id'] === node
  if (/^(Import|Export)\w*Specifier$/.test(parent.type)) return parent['local'] !== node
  return parent.type === 'ExportAllDeclaration'
}

/**
 * Finds the names that a module uses and does not declare: what it takes from its surroundings.
 * @param {Node} program
 * @returns {Reference[]}
 */
export function freeReferences(program) {
  /** @type {Reference[]} */
  const found = []
  /** @param {Scope | null} scope @param {string} name @returns {boolean} */
  const isDeclared = (scope, name) =>
    scope !== null && (scope.names.has(name) || isDeclared(scope.parent, name))
  /** @param {Node} node @param {Node} parent @param {Scope | null} scope @param {boolean} isType */
  const visit = (node, parent, scope, isType) => {
    // Names re-exported from elsewhere are not used here.
    if (/^Export(Named|All)Declaration$/.test(node.type) && node['source']) return
    if (node.type === 'Identifier' && !isMereName(node, parent) && !isDeclared(scope, textAt(node, 'name')))
      found.push({ name: textAt(node, 'name'), start: node.start, isType })
    const names = declaredBy(node)
    const inner = names.size > 0 ? { names, parent: scope } : scope
    // A class's heritage and a `typeof` in a type are values.
    const isTypeInside =
      node.type === 'TSTypeQuery'
        ? false
        : isType || /^TS(?!AsExpression|NonNull|Satisfies|TypeAssertion)/.test(node.type)
    for (const child of children(node)) visit(child, node, inner, isTypeInside)
  }
  visit(program, program, null, false)
  return found
}
