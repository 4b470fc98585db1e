namespace Samovar.Serialization.Wire;

/// <summary>Specifies when a plan switches from reflection to generated code.</summary>
internal enum PlanCompilation
{
    /// <summary>After the first uses, which use reflection to avoid the cost of compilation.</summary>
    AfterSomeUses = 0,

    /// <summary>At the first use.</summary>
    AtOnce = 1,

    /// <summary>Never. Also used if <see cref="System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeCompiled"/> is false.</summary>
    Never = 2,
}
