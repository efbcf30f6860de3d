import {
  type CreationOptional,
  DataTypes,
  type ForeignKey,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type ModelAttributes,
  type NonAttribute,
  type Sequelize,
} from 'sequelize';

abstract class User extends Model<InferAttributes<User>, InferCreationAttributes<User>> {
  declare id: CreationOptional<number>;
  declare email: string;
  declare username: string;
  declare passwordHash: string;
  declare isActive: CreationOptional<boolean>;
  declare createdAt: CreationOptional<Date>;
  declare updatedAt: CreationOptional<Date>;
  declare deletedAt: CreationOptional<Date | null>;
  declare emailKey: CreationOptional<string | null>;
  declare usernameKey: CreationOptional<string | null>;
  declare tokensPerDay: CreationOptional<number | null>;
  declare tokensPerMonth: CreationOptional<number | null>;
  declare roles?: NonAttribute<Role[]>;
}

abstract class Role extends Model<InferAttributes<Role>, InferCreationAttributes<Role>> {
  declare id: CreationOptional<number>;
  declare name: string;
  declare permissions: CreationOptional<string[]>;
  declare tokensPerDay: CreationOptional<number | null>;
  declare tokensPerMonth: CreationOptional<number | null>;
  declare createdAt: CreationOptional<Date>;
}

abstract class UserRole extends Model<
  InferAttributes<UserRole>,
  InferCreationAttributes<UserRole>
> {
  declare userId: ForeignKey<number>;
  declare roleId: ForeignKey<number>;
  declare createdAt: CreationOptional<Date>;
}

abstract class Session extends Model<InferAttributes<Session>, InferCreationAttributes<Session>> {
  declare id: string;
  declare userId: ForeignKey<number>;
  declare gen: CreationOptional<number>;
  declare seenGen: CreationOptional<number>;
  declare rotatedAt: CreationOptional<Date>;
  declare userAgent: CreationOptional<string>;
  declare ip: CreationOptional<string>;
  declare createdAt: CreationOptional<Date>;
  declare lastUsedAt: CreationOptional<Date>;
  declare expiresAt: Date;
  declare revokedAt: CreationOptional<Date | null>;
  declare user?: NonAttribute<User>;
}

abstract class Node extends Model<InferAttributes<Node>, InferCreationAttributes<Node>> {
  declare id: string;
  declare hostname: CreationOptional<string>;
  declare version: CreationOptional<string>;
  declare hears: CreationOptional<boolean>;
  declare startedAt: CreationOptional<Date>;
  declare beatAt: CreationOptional<Date>;
  declare hub: CreationOptional<string>;
  declare process: CreationOptional<string>;
  declare standsSince: CreationOptional<Date>;
  declare drainAskedAt: CreationOptional<Date | null>;
}

const { ARRAY, BIGINT, BOOLEAN, DATE, INTEGER, TEXT, UUID } = DataTypes;

const required = <T>(type: T) => ({ type, allowNull: false });
/** The column's default applies if no value is given. */
const serverSide = <T>(type: T) => ({ type, allowNull: true });
const identity = { type: BIGINT, primaryKey: true, autoIncrement: true };

const user: ModelAttributes<User, InferAttributes<User>> = {
  id: identity,
  email: required(TEXT),
  username: required(TEXT),
  passwordHash: required(TEXT),
  isActive: serverSide(BOOLEAN),
  createdAt: serverSide(DATE(3)),
  updatedAt: serverSide(DATE(3)),
  deletedAt: serverSide(DATE(3)),
  emailKey: serverSide(TEXT),
  usernameKey: serverSide(TEXT),
  tokensPerDay: serverSide(BIGINT),
  tokensPerMonth: serverSide(BIGINT),
};

const role: ModelAttributes<Role, InferAttributes<Role>> = {
  id: identity,
  name: required(TEXT),
  permissions: serverSide(ARRAY(TEXT)),
  tokensPerDay: serverSide(BIGINT),
  tokensPerMonth: serverSide(BIGINT),
  createdAt: serverSide(DATE(3)),
};

const userRole: ModelAttributes<UserRole, InferAttributes<UserRole>> = {
  userId: { type: BIGINT, primaryKey: true },
  roleId: { type: BIGINT, primaryKey: true },
  createdAt: serverSide(DATE(3)),
};

const session: ModelAttributes<Session, InferAttributes<Session>> = {
  id: { type: UUID, primaryKey: true },
  userId: required(BIGINT),
  gen: serverSide(INTEGER),
  seenGen: serverSide(INTEGER),
  rotatedAt: serverSide(DATE(3)),
  userAgent: serverSide(TEXT),
  ip: serverSide(TEXT),
  createdAt: serverSide(DATE(3)),
  lastUsedAt: serverSide(DATE(3)),
  expiresAt: required(DATE(3)),
  revokedAt: { type: DATE(3), allowNull: true },
};

const node: ModelAttributes<Node, InferAttributes<Node>> = {
  id: { type: TEXT, primaryKey: true },
  hostname: serverSide(TEXT),
  version: serverSide(TEXT),
  hears: serverSide(BOOLEAN),
  startedAt: serverSide(DATE(3)),
  beatAt: serverSide(DATE(3)),
  hub: serverSide(TEXT),
  process: serverSide(TEXT),
  standsSince: serverSide(DATE(3)),
  drainAskedAt: { type: DATE(3), allowNull: true },
};

/**
 * Models of the tables that are not hot, bound to this connection. Columns are the snake_case names of the
 * attributes.
 */
export function defineModels(sequelize: Sequelize) {
  const models = {
    User: sequelize.define<User>('user', user, { tableName: 'users' }),
    Role: sequelize.define<Role>('role', role, { tableName: 'roles' }),
    UserRole: sequelize.define<UserRole>('userRole', userRole, { tableName: 'user_roles' }),
    Session: sequelize.define<Session>('session', session, { tableName: 'sessions' }),
    Node: sequelize.define<Node>('node', node, { tableName: 'nodes' }),
  };
  const join = { through: models.UserRole, timestamps: false };
  models.User.belongsToMany(models.Role, { ...join, foreignKey: 'userId', as: 'roles' });
  models.Role.belongsToMany(models.User, { ...join, foreignKey: 'roleId', as: 'users' });
  models.User.hasMany(models.Session, { foreignKey: 'userId', as: 'sessions' });
  models.Session.belongsTo(models.User, { foreignKey: 'userId', as: 'user' });
  return models;
}

export type Models = ReturnType<typeof defineModels>;
