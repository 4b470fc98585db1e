using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Tests.Map.Outputs;

/// <summary>Files on a file system without record locks, whose refusals are made here.</summary>
public sealed class WriterLockTests : IDisposable
{
    private const int Again = 11, AccessDenied = 13, NoLocks = 37;

    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ThreadFact]
    public void A_file_system_without_locks_is_no_other_run()
    {
        using var file = new RefusingFile(_folder.PathOf("log.jsonl"), path => new IOException($"No locks available : '{path}'", NoLocks));

        WriterLock.Take(file, file.Name).ShouldBe("No locks available");
    }

    [ThreadFact]
    public void A_lock_that_another_process_holds_is_one()
    {
        using var busy = new RefusingFile(_folder.PathOf("a"), static _ => new IOException("it is in use", Again));
        using var denied = new RefusingFile(_folder.PathOf("b"), static _ => new UnauthorizedAccessException("no", new IOException("no", AccessDenied)));

        Should.Throw<IOException>(() => WriterLock.Take(busy, busy.Name));
        Should.Throw<IOException>(() => WriterLock.Take(denied, denied.Name));
    }

    [ThreadFact]
    public void Devices_need_no_lock()
    {
        using var file = new RefusingFile(_folder.PathOf("a"), static _ => new IOException("it is in use", Again));

        WriterLock.Take(file, "/dev/null").ShouldBeNull();
    }

    private sealed class RefusingFile(string path, Func<string, Exception> refusal)
        : FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0)
    {
        public override void Lock(long position, long length) => throw refusal(Name);
    }
}
