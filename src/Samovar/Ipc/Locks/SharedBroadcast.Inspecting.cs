using System.Globalization;
using Samovar.Diagnostics.Inspection;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Locks;

/// <content>What an observer sees of the object.</content>
internal sealed partial class SharedBroadcast : IInspectedPrimitive
{
    /// <inheritdoc/>
    public PrimitiveActivity CapturePrimitive()
    {
        var format = Region.Format;
        var (kind, state) = (format.Kind, Word) switch
        {
            (SharedKind.Barrier, var word) when new BarrierWord(word).IsBroken => ("barrier", "broken"),
            (SharedKind.Barrier, var word) => ("barrier", string.Create(CultureInfo.InvariantCulture, $"{new BarrierWord(word).Arrived} of {format.Traits} arrived")),
            (SharedKind.Countdown, var word) => ("countdown", string.Create(CultureInfo.InvariantCulture, $"{(uint)word} of {format.Traits} left")),
            (_, var word) => ("event", (word & 1) != 0 ? "set" : "not set"),
        };
        return new PrimitiveActivity(kind, format.Name, state) { Id = -Region.Number, IsShared = true, Waiting = _signal.Waiters };
    }
}
