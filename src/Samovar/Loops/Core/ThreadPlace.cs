using System.Globalization;
using System.Runtime.InteropServices;

namespace Samovar.Loops.Core;

/// <summary>Describes what a thread does, as far as the operating system reports it to other threads. The runtime does not expose one thread's stack
/// to another.</summary>
internal sealed class ThreadPlace
{
    [ThreadStatic]
    private static ThreadPlace? t_own;

    private readonly string? _task; // the thread's folder in /proc

    private ThreadPlace(string? task) => _task = task;

    /// <summary>Returns the instance for the calling thread.</summary>
    public static ThreadPlace OfThisThread() => t_own ??= Find();

    /// <summary>Describes what the thread does now. From any thread.</summary>
    public override string ToString()
    {
        const string unknown = "its activity cannot be determined from another thread";
        if (_task is null) return unknown;
        try
        {
            string[] call = File.ReadAllText(_task + "/syscall").Split(' ', StringSplitOptions.TrimEntries);
            return call[0] switch
            {
                "running" => "it computes",
                "-1" => "it waits for the processor or for memory",
                _ => $"it waits in {Describe(call)}",
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The thread has exited, or the process lacks the permission to read the file.
            return unknown;
        }
    }

    private static ThreadPlace Find()
    {
        if (!OperatingSystem.IsLinux()) return new ThreadPlace(null);
        try
        {
            return new ThreadPlace(new FileInfo("/proc/thread-self").LinkTarget is { } task ? "/proc/" + task : null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nothing is known about the thread then, and ToString reports that.
            return new ThreadPlace(null);
        }
    }

    private static string Describe(string[] call)
    {
        string? name = NameOf(call[0]);
        string text = name is null ? $"system call {call[0]}" : $"the system call {name}";
        if (name is null or "futex" || call.Length < 2) return text;
        if (!int.TryParse(call[1].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int descriptor)) return text;
        string? target = TargetOf(descriptor);
        // The console reads from a duplicate of descriptor 0, so the targets are compared.
        string file = target is null ? "" : name is "read" && target == TargetOf(0) ? $" (standard input, {target})" : $" ({target})";
        return string.Create(CultureInfo.InvariantCulture, $"{text} on descriptor {descriptor}{file}");
    }

    private static string? TargetOf(int descriptor) => new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}")).LinkTarget;

    /// <summary>Returns the name of a system call that programs commonly block in; null for others. Those that take a descriptor take it as their
    /// first argument.</summary>
    private static string? NameOf(string number) => (RuntimeInformation.ProcessArchitecture, number) switch
    {
        (Architecture.X64, "0") or (Architecture.Arm64, "63") => "read",
        (Architecture.X64, "1") or (Architecture.Arm64, "64") => "write",
        (Architecture.X64, "17") or (Architecture.Arm64, "67") => "pread64",
        (Architecture.X64, "18") or (Architecture.Arm64, "68") => "pwrite64",
        (Architecture.X64, "42") or (Architecture.Arm64, "203") => "connect",
        (Architecture.X64, "43") or (Architecture.Arm64, "202") => "accept",
        (Architecture.X64, "45") or (Architecture.Arm64, "207") => "recvfrom",
        (Architecture.X64, "47") or (Architecture.Arm64, "212") => "recvmsg",
        (Architecture.X64, "73") or (Architecture.Arm64, "32") => "flock",
        (Architecture.X64, "74") or (Architecture.Arm64, "82") => "fsync",
        (Architecture.X64, "202") or (Architecture.Arm64, "98") => "futex",
        _ => null,
    };
}
