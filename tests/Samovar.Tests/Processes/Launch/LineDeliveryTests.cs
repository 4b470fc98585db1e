using Samovar.Processes.Launch;
using Samovar.Processes.Parent.Children;

namespace Samovar.Tests.Processes.Launch;

/// <summary>Lines are delivered, and exits reported, even when memory or threads are short.</summary>
public sealed class LineDeliveryTests
{
    [ThreadFact]
    public async Task A_call_for_which_no_thread_begins_is_made_with_the_next()
    {
        bool fails = true;
        var calls = new List<int>();
        var delivery = new LineDelivery(run =>
        {
            if (fails) GC.KeepAlive(GC.AllocateUninitializedArray<byte>(int.MaxValue)); // which no array may have
            _ = TestSupport.OnOwnThread(run);
        });
        delivery.Add(() => calls.Add(1));
        fails = false;
        await delivery.HandedOnAsync().WaitAsync(TestTimeout.Wait, TestContext.Current.CancellationToken);
        calls.ShouldBe([1]);
    }

    [ThreadFact]
    public async Task The_exit_of_a_child_is_reported_also_where_its_last_lines_cannot_be_delivered()
    {
        var ended = new TaskCompletionSource();
        await Should.ThrowAsync<InvalidDataException>(ChildHandle.EndAfterAsync(Task.FromException(new InvalidDataException("no memory")), ended));
        ended.Task.IsCompletedSuccessfully.ShouldBeTrue();
    }
}
