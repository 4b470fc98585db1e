using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;
using Samovar.Processes.Recorder;
using Samovar.Processes.Worker;

namespace Samovar.Tests.Processes.Recorder;

/// <summary>A recording that the test writes as a worker does, in a folder of its own.</summary>
internal sealed class Recording : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-recording-");

    public Recording(bool isPortable = false, string program = "stove", string executor = "kitchen")
    {
        Path = System.IO.Path.Combine(_folder.FullName, "copy.tasks");
        RecordingFile.Create(Path, isPortable);
        Recorder = LastTaskRecorder.TryOpen(new RecordingInvitation(isPortable, new ProcessIdentity(7, 8), program, Path), executor, number: 3).ShouldNotBeNull();
    }

    public string Path { get; }

    public LastTaskRecorder Recorder { get; }

    public void Begin(long id, string name = "", int attempt = 1) =>
        Recorder.Begin(new TaskHeader { Id = id, Attempt = attempt }, name, Stopwatch.GetTimestamp());

    public RecordingContents Read() => RecordingReader.Read(Path);

    public void Dispose()
    {
        Recorder.Dispose();
        _folder.Delete(recursive: true);
    }
}
