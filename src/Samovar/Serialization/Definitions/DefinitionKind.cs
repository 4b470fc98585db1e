namespace Samovar.Serialization.Definitions;

/// <summary>The kind of a definition. Each member lists the parts that follow the kind: numbers have variable length, tokens four bytes.</summary>
internal enum DefinitionKind : byte
{
    /// <summary>Assembly name, module version id (16 bytes).</summary>
    Module = 1,

    /// <summary>Module, token.</summary>
    Type = 2,

    /// <summary>Generic type definition, count, type arguments.</summary>
    GenericType = 3,

    /// <summary>Element type: a vector.</summary>
    Vector = 4,

    /// <summary>Element type, rank: a multidimensional array, or one with a lower bound.</summary>
    Array = 5,

    /// <summary>Element type.</summary>
    ByRef = 6,

    /// <summary>Element type.</summary>
    Pointer = 7,

    /// <summary>Generic type definition, position.</summary>
    TypeParameter = 8,

    /// <summary>Generic method definition, position.</summary>
    MethodParameter = 9,

    /// <summary>Declaring type, token: a method or constructor.</summary>
    Method = 10,

    /// <summary>Generic method definition, count, type arguments.</summary>
    GenericMethod = 11,

    /// <summary>Declaring type, token.</summary>
    Field = 12,

    /// <summary>Delegate type, method, <see cref="TargetKind"/>.</summary>
    Delegate = 13,

    /// <summary>Type of a closure, one bit for each field (16 bytes): closures of which only these fields travel.</summary>
    ClosurePart = 14,

    /// <summary>Field: the object in this static field.</summary>
    NamedObject = 15,

    /// <summary>Assembly name, module version id (16 bytes), full path, a byte that is 1 if the sender loaded it into a separate load context:
    /// a module that the program's host does not list. Only a worker of the sender loads it from that path.</summary>
    ModuleOfFile = 16,
}

/// <summary>The kind of object that a delegate is bound to.</summary>
internal enum TargetKind : byte
{
    /// <summary>No object: a static method, or an instance method that takes its object as the first argument.</summary>
    None = 0,

    /// <summary>The compiler-generated instance that lambdas without captures share; it is not sent.</summary>
    Singleton = 1,

    /// <summary>An object, which is sent with each delegate.</summary>
    Object = 2,
}
