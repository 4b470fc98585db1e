namespace Samovar.Serialization.Wire;

/// <summary>When a plan stops reading fields by reflection and is compiled.</summary>
internal enum PlanCompilation
{
    /// <summary>The first uses go through reflection (no start-up cost), later ones through generated code.</summary>
    AfterSomeUses = 0,

    /// <summary>At first use.</summary>
    AtOnce = 1,

    /// <summary>Never, as where <see cref="System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeCompiled"/> is false.</summary>
    Never = 2,
}
