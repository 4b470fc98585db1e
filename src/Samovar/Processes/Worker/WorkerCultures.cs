using System.Globalization;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Worker;

/// <summary>Puts the worker under the cultures that it was set up with, and its thread under those that a task brings along. For that
/// thread.</summary>
internal sealed class WorkerCultures(ShippingReader reader)
{
    private byte[] _bytes = []; // what was entered last, for the next task that brings the same
    private ExecutionContext? _own;
    private ExecutionContext? _entered;
    private CultureNotFoundException? _missing; // a default that is not known here: every task that would run under it fails

    /// <summary>Makes the program's defaults those of this process.</summary>
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
    /// <returns>What to give to <see cref="Leave"/>; null where there is nothing to leave.</returns>
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

    /// <summary>Goes back to where the thread was, so that the next task has nothing of this one.</summary>
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
                $"The task is to run under the culture '{unknown.InvalidCultureName}' of its submitter, which its worker (process {Environment.ProcessId}) does not have. " +
                "A worker in globalization-invariant mode knows the invariant culture only: see InvariantGlobalization in its runtime configuration, and " +
                "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT in its environment. Submit the task under a culture that both have.",
                unknown);
        }
    }
}
