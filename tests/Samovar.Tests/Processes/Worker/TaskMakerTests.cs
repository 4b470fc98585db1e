using Samovar.Executors.Mapping;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Worker;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Processes.Worker;

/// <summary>How a worker finds the code that runs a task.</summary>
public sealed class TaskMakerTests
{
    [ProcessFact]
    public void Each_shape_with_and_without_a_result_has_a_place_of_its_own() =>
        Enum.GetValues<WorkShape>().SelectMany(shape => (int[])[TaskMaker.Variant(shape, bringsResult: false), TaskMaker.Variant(shape, bringsResult: true)])
            .ShouldBe(Enumerable.Range(0, TaskMaker.Variants));

    [ProcessFact]
    public void A_shape_that_does_not_exist_is_refused() =>
        Should.Throw<ChannelCorruptedException>(() => TaskMaker.Variant((WorkShape)4, bringsResult: true)).Message.ShouldContain("shape 4");

    [ProcessTheory]
    [InlineData(typeof(Func<int>), WorkShape.Synchronous, true, typeof(TaskMaker<int>))]
    [InlineData(typeof(Func<Task<string>>), WorkShape.Asynchronous, true, typeof(TaskMaker<string>))]
    [InlineData(typeof(Func<CancellationToken, Guid>), WorkShape.SynchronousWithToken, true, typeof(TaskMaker<Guid>))]
    [InlineData(typeof(Action), WorkShape.Synchronous, false, typeof(TaskMaker<NoResult>))]
    internal void Common_and_other_types_of_results_have_their_maker(Type work, WorkShape shape, bool bringsResult, Type maker) =>
        TaskMaker.For(work, shape, bringsResult).ShouldBeOfType(maker);

    [ProcessFact]
    public void An_invitation_to_a_channel_of_an_unknown_kind_is_none()
    {
        string good = new ChannelInvitation(ChannelKind.Portable, 7, 1, 4096, 2, ChannelCookie.Random(), "/tmp").ToString();
        ChannelInvitation.TryParse(good)!.Kind.ShouldBe(ChannelKind.Portable);
        ChannelInvitation.TryParse(good.Replace("Portable", "1", StringComparison.Ordinal)).ShouldBeNull();
    }
}
