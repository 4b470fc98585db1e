using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Processes.Worker;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Processes.Worker;

/// <summary>How a worker finds the code that runs a task.</summary>
public sealed class TaskInvokerTests
{
    [ProcessFact]
    public void Each_shape_with_and_without_a_result_has_a_place_of_its_own() =>
        Enum.GetValues<DelegateKind>().SelectMany(kind => (int[])[TaskInvoker.Variant(kind, bringsResult: false), TaskInvoker.Variant(kind, bringsResult: true)])
            .ShouldBe(Enumerable.Range(0, TaskInvoker.Variants));

    [ProcessFact]
    public void A_kind_that_does_not_exist_is_refused() =>
        Should.Throw<ChannelCorruptedException>(() => TaskInvoker.Variant((DelegateKind)4, bringsResult: true)).Message.ShouldContain("kind 4");

    [ProcessTheory]
    [InlineData(typeof(Func<int>), DelegateKind.Synchronous, true, typeof(TaskInvoker<int>))]
    [InlineData(typeof(Func<Task<string>>), DelegateKind.Asynchronous, true, typeof(TaskInvoker<string>))]
    [InlineData(typeof(Func<CancellationToken, Guid>), DelegateKind.SynchronousWithToken, true, typeof(TaskInvoker<Guid>))]
    [InlineData(typeof(Action), DelegateKind.Synchronous, false, typeof(TaskInvoker<NoResult>))]
    internal void Common_and_other_types_of_results_have_their_invoker(Type work, DelegateKind kind, bool bringsResult, Type invoker) =>
        TaskInvoker.For(work, kind, bringsResult).ShouldBeOfType(invoker);

    [ProcessFact]
    public void An_invitation_to_a_channel_of_an_unknown_kind_is_ignored()
    {
        string good = new ChannelInvitation(ChannelKind.Portable, 7, 1, 4096, 2, ChannelCookie.Random(), "/tmp").ToString();
        ChannelInvitation.TryParse(good)!.Kind.ShouldBe(ChannelKind.Portable);
        ChannelInvitation.TryParse(good.Replace("Portable", "1", StringComparison.Ordinal)).ShouldBeNull();
    }
}
