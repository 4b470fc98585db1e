using Samovar.Loops.Core;
using Samovar.Loops.Inspection;

namespace Samovar.Loops.Groups;

/// <summary>The owner of a loop as scopes and groups know it: with the scope around everything that the loop runs, and the groups that are in no other.</summary>
internal abstract class ScopedLoopOwner : InspectedLoopOwner
{
    protected ScopedLoopOwner(LoopCoreOptions options)
        : base(options)
    {
        Root = CancelScope.NewRoot(Core);
        Core.SelfWaits = new LoopSelfWaits(this);
    }

    /// <summary>The scope around everything that the loop runs.</summary>
    public CancelScope Root { get; }

    /// <summary>The groups that are in no other.</summary>
    public GroupList Groups { get; } = new();

    public override IReadOnlyList<IInspected> Roots => Groups.All;

    public override CancellationToken Token => Root.Token;

    /// <summary>The task of what was submitted, while it runs; null for all others.</summary>
    public abstract Task? WorkOf(Future submitted);

    /// <summary>The owner of the loop whose callback this thread runs; null on all other threads.</summary>
    public static ScopedLoopOwner? Current => LoopCore.Current is { } loop ? Of(loop) : null;

    /// <summary>The owner of a loop. Every loop that has scopes and groups has one like this.</summary>
    public static ScopedLoopOwner Of(LoopCore loop) => (ScopedLoopOwner)loop.Owner;
}
