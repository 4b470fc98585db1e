using System.Runtime.ExceptionServices;

namespace Samovar.Serialization.Definitions;

/// <summary>Replaces a definition whose module this process does not have; every use of it fails with the reason.</summary>
internal sealed class LostDefinition(BuildMismatchException reason)
{
    /// <exception cref="BuildMismatchException">Always.</exception>
    public void Throw() => ExceptionDispatchInfo.Throw(reason);
}
