using Samovar.Ipc.Platform;
using Samovar.Processes.Recorder;

namespace Samovar.Tests.Processes.Recorder;

public sealed class RecordingSweepTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-sweep-");
    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public void A_recording_is_kept_for_a_week_after_its_program_was_seen_to_have_ended()
    {
        Make(NameOf(worker: 1));
        Sweep();
        Names().ShouldBe([NameOf(worker: 1, isEnded: true)]);

        _time.Advance(RecordingSweep.Kept);
        Sweep();
        Names().ShouldBe([NameOf(worker: 1, isEnded: true)]);

        _time.Advance(TimeSpan.FromMinutes(1));
        Sweep();
        Names().ShouldBeEmpty();
    }

    [ThreadFact]
    public void The_files_of_a_running_program_and_other_files_stay()
    {
        string own = new RecordingName(ProcessIdentity.Own, RecordingName.OwnNamespace, 1, 1).ToString();
        Make(own);
        Make("samovar-postmortem-of-mine.tasks");
        Make("samovar-7-1.mem");
        Sweep();
        _time.Advance(2 * RecordingSweep.Kept);
        Sweep();

        Names().ShouldBe([own, "samovar-postmortem-of-mine.tasks", "samovar-7-1.mem"], ignoreOrder: true);
    }

    [ThreadFact]
    public void Only_the_newest_are_kept()
    {
        for (int i = 1; i <= 10; i++) Make(NameOf(i));
        Sweep();
        _time.Advance(TimeSpan.FromHours(1));
        for (int i = 11; i <= RecordingSweep.MostKept + 7; i++) Make(NameOf(i));
        Sweep();

        Names().Length.ShouldBe(RecordingSweep.MostKept);
        Names().Count(name => RecordingName.TryParse(name)!.Value.Worker <= 10).ShouldBe(3);
    }

    [ThreadFact]
    public void A_folder_that_is_gone_is_no_error()
    {
        _folder.Delete();
        Sweep();
        _folder.Create();
    }

    [ThreadFact]
    public void A_recording_that_a_sweep_renames_while_its_program_is_looked_for_is_found()
    {
        Make(NameOf(worker: 1));
        string[] listed = Directory.GetFiles(_folder.FullName);
        Sweep();
        string renamed = Path.Combine(_folder.FullName, NameOf(worker: 1, isEnded: true));

        PostMortem.FindAmong(listed).ShouldHaveSingleItem().Workers.ShouldHaveSingleItem().Path.ShouldBe(renamed);
        RecordingFolder.Merge(listed, []).ShouldBe(listed);
        RecordingFolder.Merge([], [renamed]).ShouldBe([renamed]);
        RecordingFolder.Merge(listed, [renamed]).ShouldBe([renamed]);
        RecordingFolder.List(_folder.FullName).ShouldBe([renamed]);
    }

    [ThreadFact]
    public void A_recording_is_opened_by_the_path_that_it_had_before_a_sweep()
    {
        using var recording = new Recording();
        string path = Path.Combine(_folder.FullName, NameOf(worker: 1));
        File.Copy(recording.Path, path);
        int number = PostMortem.Open(path).Workers[0].Number;
        Sweep();

        var worker = PostMortem.Open(path).Workers.ShouldHaveSingleItem();

        (worker.Number, worker.Path).ShouldBe((number, Path.Combine(_folder.FullName, NameOf(worker: 1, isEnded: true))));
        string none = Path.Combine(_folder.FullName, NameOf(worker: 2));
        Should.Throw<FileNotFoundException>(() => PostMortem.Open(none)).FileName.ShouldBe(none);
    }

    [ThreadTheory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("on", true)]
    [InlineData("off", false)]
    public void The_environment_turns_recordings_off(string? value, bool isOn) => (RecordingFolder.Choose(value) is not null).ShouldBe(isOn);

    [ThreadFact]
    public void The_environment_chooses_a_folder_that_exists()
    {
        RecordingFolder.Choose(_folder.FullName).ShouldBe(_folder.FullName);
        foreach (string wrong in (string[])["no", "relative/folder", Path.Combine(_folder.FullName, "none")])
            Should.Throw<InvalidOperationException>(() => RecordingFolder.Choose(wrong)).Message.ShouldStartWith($"SAMOVAR_POST_MORTEM={wrong} is not valid");
    }

    [ThreadFact]
    public void A_name_is_read_back_and_others_are_not()
    {
        var name = new RecordingName(new ProcessIdentity(4711, 0xABCDEF), "4026531999", 2, 9);
        RecordingName.TryParse(name.ToString()).ShouldBe(name);
        RecordingName.TryParse((name with { IsEnded = true }).ToString()).ShouldBe(name with { IsEnded = true });
        foreach (string other in (string[])["", "samovar-postmortem-.tasks", "samovar-postmortem-1-2-3-4.tasks", "samovar-postmortem-x-2-0-3-4.tasks", $"{name}x", $"x{name}"])
            RecordingName.TryParse(other).ShouldBeNull(other);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string NameOf(int worker, bool isEnded = false) =>
        new RecordingName(new ProcessIdentity(int.MaxValue, 1), RecordingName.OwnNamespace, 1, worker, isEnded).ToString();

    private void Make(string name) => File.WriteAllBytes(Path.Combine(_folder.FullName, name), []);

    private void Sweep() => RecordingSweep.Run(_folder.FullName, _time);

    private string[] Names() => [.. _folder.GetFiles().Select(static file => file.Name)];
}
