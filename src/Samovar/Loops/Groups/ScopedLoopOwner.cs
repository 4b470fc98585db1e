using Samovar.Loops.Core;
using Samovar.Loops.Inspection;

namespace Samovar.Loops.Groups;

/// <summary>A loop's owner as scopes and groups see it: it has the root scope and the groups without an enclosing group.</summary>
internal abstract class ScopedLoopOwner : InspectedLoopOwner
{
    protected ScopedLoopOwner(LoopCoreOptions options)
        : base(options)
    {
        Root = CancelScope.NewRoot(Core);
        Core.SelfWaits = new LoopSelfWaits(this);
    }

    /// <summary>The scope around everything that runs on the loop.</summary>
    public CancelScope Root { get; }

    /// <summary>The groups without an enclosing group.</summary>
    public GroupList Groups { get; } = new();

    public override IReadOnlyList<IInspected> Roots => Groups.All;

    public override CancellationToken Token => Root.Token;

    /// <summary>Returns the task that the submitted work returned, while it runs; null for any other future.</summary>
    public abstract Task? WorkOf(Future submitted);

    /// <summary>The owner of the loop whose callback the calling thread runs; null on all other threads.</summary>
    public static ScopedLoopOwner? Current => LoopCore.Current is { } loop ? Of(loop) : null;

    /// <summary>Returns the owner of a loop. Every loop with scopes and groups has an owner of this type.</summary>
    public static ScopedLoopOwner Of(LoopCore loop) => (ScopedLoopOwner)loop.Owner;
}
