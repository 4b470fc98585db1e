using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Watching;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>How often the memory of workers is read.</summary>
public sealed class ProcessMemoryTests
{
    [ThreadFact]
    public void The_memory_of_a_worker_is_read_at_most_once_a_second()
    {
        int reads = 0;
        var worker = new WorkerActivity(1, "one", "idle") { ProcessId = 7, ReadMemory = () => ++reads };
        var memory = new ProcessMemory();

        var read = new List<long?>();
        foreach (double seconds in (double[])[0, 0.25, 0.75, 1, 1.5, 2])
        {
            memory.Begin(TimeSpan.FromSeconds(seconds));
            read.Add(memory.Fill(worker).Memory);
        }

        read.ShouldBe([1, 1, 1, 2, 2, 3]);
        memory.Fill(worker with { ProcessId = null, ReadMemory = null }).Memory.ShouldBeNull();
    }

    [ThreadFact]
    public void A_process_that_a_picture_does_not_have_is_forgotten()
    {
        int reads = 0;
        var worker = new WorkerActivity(1, "one", "idle") { ProcessId = 7, ReadMemory = () => ++reads };
        var memory = new ProcessMemory();

        memory.Begin(TimeSpan.Zero);
        memory.Fill(worker);
        memory.Begin(TimeSpan.FromMilliseconds(250));
        memory.Begin(TimeSpan.FromMilliseconds(500));

        memory.Fill(worker).Memory.ShouldBe(2); // another process may have its id by now
    }
}
