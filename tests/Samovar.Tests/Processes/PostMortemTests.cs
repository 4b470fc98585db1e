using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Processes.Platform;
using Samovar.Processes.Recorder;
using Samovar.Serialization;

namespace Samovar.Tests.Processes;

/// <summary>What workers record of their tasks, and what is left of it.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class PostMortemTests
{
    public static TheoryData<string> Kinds => ["linux", "portable", "in process"];

    [ProcessTheory]
    [InlineData("linux")]
    [InlineData("portable")]
    public async Task A_crash_says_what_the_worker_did_last(string kind)
    {
        await using var pool = new ProcessExecutor(Options(kind));
        await pool.Submit(static () => Steep(3));
        await Should.ThrowAsync<DivideByZeroException>(pool.Submit(static () => Steep(0), new() { Name = "cold" }).AsTask());
        var squares = await pool.Map(Enumerable.Range(1, 4), static n => n * n).ToListAsync(TestContext.Current.CancellationToken);
        squares.ShouldBe([1, 4, 9, 16]);
        var doomed = pool.Submit(static () => Kill(), new() { Name = "brew" });

        var crash = await Should.ThrowAsync<WorkerCrashedException>(doomed.AsTask());

        const string test = $"PostMortemTests.{nameof(A_crash_says_what_the_worker_did_last)}, lambda";
        crash.Function.ShouldBe(test);
        crash.Message.ShouldContain($"task {doomed.Id} 'brew' ({test}), attempt 1.");
        crash.Message.ShouldNotContain('\n');
        var last = crash.LastTasks[0];
        (last.TaskId, last.Attempt, last.TaskName, last.Function, last.State, last.Duration).ShouldBe((doomed.Id, 1, "brew", test, FutureState.Running, null));
        crash.LastTasks[^1].ShouldSatisfyAllConditions(
            static first => first.State.ShouldBe(FutureState.Succeeded), static first => first.Duration.ShouldNotBeNull(), static first => first.Function.ShouldBe(test));
        crash.LastTasks[^2].ShouldSatisfyAllConditions(static second => second.State.ShouldBe(FutureState.Failed), static second => second.TaskName.ShouldBe("cold"));
        crash.LastTasks.Skip(1).SkipLast(2).Sum(static batch => batch.Items).ShouldBe(4);
        crash.LastTasks.Skip(1).SkipLast(2).ShouldAllBe(static batch => batch.Function == test);
        Shipping.Unpack<WorkerCrashedException>(Shipping.Pack(crash)).LastTasks.ShouldBe(crash.LastTasks);
        PostMortem.Find(Environment.ProcessId)?.Workers.ShouldNotContain(worker => worker.ProcessId == crash.ProcessId);
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task The_records_of_this_program_can_be_read_and_are_gone_with_their_executor(string kind)
    {
        string name = $"watched {kind}";
        await using (var pool = new ProcessExecutor(Options(kind) with { Name = name }))
        {
            await pool.Submit(static () => Steep(3), new() { Name = "tea" });
            var own = PostMortem.Find(Environment.ProcessId).ShouldNotBeNull();

            own.IsRunning.ShouldBeTrue();
            var worker = own.Workers.Single(worker => worker.Executor == name);
            worker.Problem.ShouldBeNull();
            worker.RunningTask?.TaskName.ShouldBe("tea"); // its end is recorded after its result is sent
            var task = worker.LastTasks.ShouldHaveSingleItem();
            (task.TaskName, task.Function).ShouldBe(("tea", $"PostMortemTests.{nameof(The_records_of_this_program_can_be_read_and_are_gone_with_their_executor)}, lambda"));
            File.Exists(worker.Path).ShouldBeTrue();
            Should.Throw<InvalidOperationException>(own.Remove).Message.ShouldStartWith($"Process {Environment.ProcessId} is running");
        }

        PostMortem.Find(Environment.ProcessId)?.Workers.ShouldNotContain(worker => worker.Executor == name);
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task Nothing_is_recorded_if_the_option_is_off(string kind)
    {
        await using var pool = new ProcessExecutor(Options(kind) with { Name = $"unrecorded {kind}", KeepsPostMortem = false });
        await pool.Submit(static () => Steep(3));

        PostMortem.Find(Environment.ProcessId)?.Workers.ShouldNotContain(worker => worker.Executor == $"unrecorded {kind}");
        if (kind == "in process") return;
        var crash = await Should.ThrowAsync<WorkerCrashedException>(pool.Submit(static () => Kill()).AsTask());
        (crash.Function, crash.LastTasks.Count).ShouldBe((null, 0));
    }

    [ProcessFact]
    public async Task An_executor_inside_of_a_worker_records_nothing()
    {
        await using var pool = new ProcessExecutor(Options("linux"));

        bool isRecorded = await pool.Submit(static async () =>
        {
            await using var inner = new ProcessExecutor(Options("linux"));
            await inner.Submit(static () => Steep(3));
            return PostMortem.Find(Environment.ProcessId) is { IsRunning: true }; // a killed program of before may have had the process id
        });

        isRecorded.ShouldBeFalse();
    }

    [ProcessTheory]
    [InlineData("auto")]
    [InlineData("portable")]
    public async Task SIGKILL_of_a_program_leaves_what_its_workers_were_doing_until_that_is_removed(string channel)
    {
        using var program = ProgramRun.Start("dotnet", [ProgramRun.ChildProgram, "kitchen"], channel);
        int[] workers = [.. (await program.LineAsync()).Split(' ').Select(static id => int.Parse(id, CultureInfo.InvariantCulture))];
        PostMortem.Find(program.Id).ShouldNotBeNull().IsRunning.ShouldBeTrue();

        program.Kill();
        await program.EndAsync();

        var found = PostMortem.Find(program.Id).ShouldNotBeNull();
        (found.IsRunning, found.Program).ShouldBe((false, "Samovar.Tests.Child.dll"));
        found.Workers.Select(static worker => worker.ProcessId).ShouldBe(workers, ignoreOrder: true);
        found.Workers.ShouldAllBe(static worker => worker.Executor == "kitchen" && worker.RunningTask!.Function == "KitchenCommands.HoldKitchen, lambda");
        found.Workers.Select(static worker => worker.RunningTask!.TaskName).ShouldBe(["tea", "milk"], ignoreOrder: true);
        var ended = found.Workers.SelectMany(static worker => worker.LastTasks).Where(static task => task.State != FutureState.Running).ToList();
        ended.Count(static task => task.State == FutureState.Succeeded).ShouldBe(2);
        ended.Single(static task => task.State == FutureState.Failed).TaskName.ShouldBe("empty cup");
        found.LastActivity.ShouldBeInRange(TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddSeconds(1));
        PostMortem.Open(found.Workers[0].Path).Workers.ShouldHaveSingleItem().ProcessId.ShouldBe(found.Workers[0].ProcessId);

        found.Remove();
        (PostMortem.Find(program.Id)?.LastActivity).ShouldNotBe(found.LastActivity); // a killed program of before may have had the process id
        found.Remove(); // what is gone is no error
    }

    [ProcessFact]
    public async Task A_damaged_record_is_reported_beside_the_others()
    {
        using var program = ProgramRun.Start("dotnet", [ProgramRun.ChildProgram, "kitchen"]);
        await program.LineAsync();
        program.Kill();
        await program.EndAsync();
        RecordingSweep.Run(RecordingFolder.ForReading, TimeProvider.System); // otherwise that of another program may rename the file meanwhile
        string path = PostMortem.Find(program.Id)!.Workers[0].Path;
        await File.WriteAllTextAsync(path, "no tasks", TestContext.Current.CancellationToken);

        var found = PostMortem.Find(program.Id).ShouldNotBeNull();

        found.Workers.Count.ShouldBe(2);
        found.Workers.Single(worker => worker.Path == path).Problem.ShouldNotBeNull().ShouldStartWith("it has 8 bytes");
        found.Workers.Single(worker => worker.Path != path).RunningTask.ShouldNotBeNull();
        found.Remove();
    }

    private static ProcessExecutorOptions Options(string kind) => PoolUnderTest.Options(workers: 1) with
    {
        Channel = kind switch { "linux" => ChannelKind.Linux, "portable" => ChannelKind.Portable, _ => null },
        InProcess = kind == "in process",
    };

    private static int Steep(int minutes) => 12 / minutes;

    private static void Kill() => _ = LinuxProcessCalls.kill(Environment.ProcessId, 9);
}
