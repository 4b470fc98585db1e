using System.Globalization;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Worker;

/// <summary>Applies the cultures of the setup to the worker, and those of a task to the worker's thread. Used on that thread.</summary>
internal sealed class WorkerCultures(ShippingReader reader)
{
    private byte[] _bytes = []; // the cultures that were entered last, reused if the next task has the same
    private ExecutionContext? _own;
    private ExecutionContext? _entered;
    private CultureNotFoundException? _missing; // a default culture is unknown here: every task that would run under it fails

    /// <summary>Sets the program's default cultures in this process.</summary>
    public void SetUp(ReadOnlySpan<byte> defaults)
    {
        if (defaults.IsEmpty) return;
        try
        {
            Read<CultureDefaults>(defaults).Apply();
        }
        catch (CultureNotFoundException missing)
        {
            _missing = missing;
        }
    }

    /// <summary>Enters the cultures of a task.</summary>
    /// <returns>The argument for <see cref="Leave"/>; null if there is nothing to leave.</returns>
    public ExecutionContext? Enter(ReadOnlySpan<byte> cultures)
    {
        if (cultures.IsEmpty)
        {
            if (_missing is not null) throw _missing;
            return null;
        }

        if (ExecutionContext.Capture() is not { } own) return null;
        if (ReferenceEquals(own, _own) && cultures.SequenceEqual(_bytes))
        {
            ExecutionContext.Restore(_entered!);
            return own;
        }

        Read<CulturePair>(cultures).Apply();
        _bytes = cultures.ToArray();
        _own = own;
        _entered = ExecutionContext.Capture();
        return own;
    }

    /// <summary>Restores the previous context, so that the next task is not affected by this one.</summary>
    public static void Leave(ExecutionContext? own)
    {
        if (own is not null) ExecutionContext.Restore(own);
    }

    private T Read<T>(ReadOnlySpan<byte> cultures)
    {
        try
        {
            return reader.Read<T>(cultures);
        }
        catch (ShippingFormatException error) when (error.InnerException is CultureNotFoundException unknown)
        {
            throw new CultureNotFoundException(
                $"The task must run under the culture '{unknown.InvalidCultureName}' of its submitter, which its worker (process {Environment.ProcessId}) does not support. " +
                "A worker in globalization-invariant mode supports only the invariant culture: see InvariantGlobalization in its runtime configuration, and " +
                "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT in its environment. Submit the task under a culture that both processes support.",
                unknown);
        }
    }
}
