using System.Diagnostics;
using System.Text;
using Samovar.Ipc.Platform;
using Samovar.Processes.Recorder;
using Samovar.Processes.Worker;

namespace Samovar.Tests.Processes.Recorder;

public sealed class LastTaskRecorderTests
{
    [ThreadTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_recorded_is_read_while_the_worker_writes_and_afterwards(bool isPortable)
    {
        using var recording = new Recording(isPortable);
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        recording.Begin(5, "first");
        recording.Recorder.Describe(Boil, method: null);
        recording.Recorder.End(FutureState.Failed, Stopwatch.Frequency * 2);
        recording.Begin(6, attempt: 2);
        recording.Recorder.Describe(static () => { }, method: null);

        Check(recording.Read());
        recording.Recorder.Dispose();
        Check(recording.Read());
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(recording.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        void Check(RecordingContents read)
        {
            (read.Parent, read.Program, read.Executor, read.WorkerId, read.WorkerNumber).ShouldBe((new ProcessIdentity(7, 8), "stove", "kitchen", Environment.ProcessId, 3));
            read.Tasks.Count.ShouldBe(2);
            var (running, ended) = (read.Tasks[0], read.Tasks[1]);
            (running.TaskId, running.Attempt, running.TaskName, running.State, running.Duration).ShouldBe((6, 2, null, FutureState.Running, null));
            running.Function.ShouldBe($"LastTaskRecorderTests.{nameof(What_was_recorded_is_read_while_the_worker_writes_and_afterwards)}, lambda");
            (ended.TaskId, ended.TaskName, ended.Function, ended.State).ShouldBe((5, "first", "LastTaskRecorderTests.Boil", FutureState.Failed));
            ended.Duration.ShouldBe(TimeSpan.FromSeconds(2));
            ended.StartedAt.ShouldBeInRange(before, TimeProvider.System.GetUtcNow().AddSeconds(1));
        }
    }

    [ThreadFact]
    public void The_newest_64_tasks_are_kept_with_their_own_names()
    {
        using var recording = new Recording();
        for (int i = 1; i <= 200; i++)
        {
            recording.Begin(i, i % 2 == 0 ? $"even {i}" : "");
            if (i % 3 == 0) recording.Recorder.Describe(Boil, method: null);
            recording.Recorder.End(FutureState.Succeeded, 0);
        }

        var tasks = recording.Read().Tasks;

        tasks.Select(static task => task.TaskId).ShouldBe(Enumerable.Range(137, 64).Reverse().Select(static i => (long)i));
        tasks.ShouldAllBe(static task => task.TaskName == (task.TaskId % 2 == 0 ? $"even {task.TaskId}" : null));
        tasks.ShouldAllBe(static task => task.Function == (task.TaskId % 3 == 0 ? "LastTaskRecorderTests.Boil" : null));
    }

    [ThreadFact]
    public void A_task_whose_target_names_its_work_is_recorded_with_that_name()
    {
        using var recording = new Recording();
        string[] names = ["Kitchen.Brew", "Kitchen.Spill", "Kitchen.Brew"];
        for (int i = 0; i < names.Length; i++)
        {
            recording.Begin(i + 1);
            recording.Recorder.Describe(new NamedCaller(names[i]).Run, method: null);
            recording.Recorder.End(FutureState.Succeeded, 0);
        }

        recording.Begin(4);
        recording.Recorder.Describe(Boil, method: null);

        recording.Read().Tasks.Select(static task => task.Function).ShouldBe(["LastTaskRecorderTests.Boil", "Kitchen.Brew", "Kitchen.Spill", "Kitchen.Brew"]);
    }

    [ThreadFact]
    public void A_long_name_is_cut_between_two_characters()
    {
        string longName = string.Concat(Enumerable.Repeat("чай ☕", 30));
        using var recording = new Recording(program: longName, executor: longName);
        recording.Begin(1, longName);

        var read = recording.Read();

        foreach (string text in (string[])[read.Tasks[0].TaskName!, read.Program, read.Executor])
        {
            longName.ShouldStartWith(text);
            Encoding.UTF8.GetByteCount(text).ShouldBeInRange(RecordingEntry.NameSize - 3, RecordingHeader.TextSize);
        }
    }

    [ThreadFact]
    public void A_file_that_does_not_exist_any_more_or_is_another_one_is_no_error()
    {
        using var recording = new Recording();
        string other = Path.Combine(Path.GetDirectoryName(recording.Path)!, "other");
        File.WriteAllText(other, "short");
        foreach (bool isPortable in (bool[])[false, true])
        {
            LastTaskRecorder.TryOpen(new RecordingInvitation(isPortable, default, "", recording.Path), "x", 1).ShouldNotBeNull().Dispose();
            LastTaskRecorder.TryOpen(new RecordingInvitation(isPortable, default, "", Path.Combine(recording.Path, "none")), "x", 1).ShouldBeNull();
            LastTaskRecorder.TryOpen(new RecordingInvitation(isPortable, default, "", other), "x", 1).ShouldBeNull();
            Should.Throw<IOException>(() => RecordingFile.Create(other, isPortable));
        }
    }

    private static void Boil()
    {
    }
}
