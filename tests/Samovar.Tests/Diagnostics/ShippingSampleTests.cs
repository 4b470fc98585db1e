using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;

namespace Samovar.Tests.Diagnostics;

/// <summary>What is measured of messages for watchers.</summary>
[Collection(nameof(Watching.Watcher))] // while no test watches this process
public sealed class ShippingSampleTests
{
    private readonly TaskRecorder _recorder = new();

    [ThreadFact]
    public void Each_message_is_measured_while_tasks_are_recorded_and_one_of_sixteen_when_they_are_only_counted()
    {
        var meter = new TaskMeter(MeterInstruments.Of(null), "shipped", "thread", new FailureReporter("shipped", new TaskCounters(), null, reportsToConsole: false), _recorder);
        TaskRecorder.Watch();
        try
        {
            long began = meter.BeginShipping();
            began.ShouldBePositive();
            meter.RecordsShipping(began).ShouldBeTrue();

            while (_recorder.TakeRoom(AttemptOutcome.Succeeded))
            {
            }

            meter.RecordsShipping(began).ShouldBeFalse();
            long[] times = [.. Enumerable.Range(0, 160).Select(_ => meter.BeginShipping())];
            times.Count(static time => time < 0).ShouldBe(10);
            times.Count(static time => time == 0).ShouldBe(150);
            meter.Shipped(ShippingDirection.Send, times.First(static time => time < 0));
            _recorder.Read(0, []).Shipping.Ticks.ShouldBePositive();

            _recorder.Refill();
            meter.BeginShipping().ShouldBePositive();
        }
        finally
        {
            TaskRecorder.Unwatch();
        }
    }
}
