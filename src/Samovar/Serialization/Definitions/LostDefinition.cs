using System.Runtime.ExceptionServices;

namespace Samovar.Serialization.Definitions;

/// <summary>Stands for a definition whose module is not here; what refers to it fails with the reason.</summary>
internal sealed class LostDefinition(BuildMismatchException reason)
{
    /// <exception cref="BuildMismatchException">Always.</exception>
    public void Throw() => ExceptionDispatchInfo.Throw(reason);
}
