using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Platform.Portable;
using Samovar.Primitives;
using Samovar.Tests.Ipc.Channel;

namespace Samovar.Tests.Ipc.Platform;

public sealed class LocalChannelTests() : ChannelContract(new LocalChannelPlatform())
{
    [ThreadFact]
    public unsafe void A_ringer_that_signals_a_sleeper_that_is_gone_does_nothing()
    {
        var platform = new LocalChannelPlatform();
        uint word = 1; // as if it slept
        var sleeper = (LocalDoorbell)platform.CreateSleeper(&word, SpinPolicy.Processes);
        using var link = platform.Listen(1, ChannelCookie.Random(), sleeper);
        var ringer = link.CreateRinger(&word);
        platform.SleeperCount.ShouldBe(1);
        sleeper.Dispose();

        platform.SleeperCount.ShouldBe(0);
        sleeper.Signal(); // by a ringer that had found it before
        ringer.Ring();
        word.ShouldBe(0u);
    }

    private protected override void AssertNothingLeft()
    {
        ((LocalChannelPlatform)Platform).SegmentCount.ShouldBe(0);
        ((LocalChannelPlatform)Platform).SleeperCount.ShouldBe(0);
    }
}

[SupportedOSPlatform("linux")]
public sealed class LinuxChannelTests() : ChannelContract(new LinuxChannelPlatform())
{
    [ThreadFact]
    public void A_memory_file_that_could_shrink_is_refused()
    {
        int descriptor = LinuxMemory.CreateMemfd("test");
        try
        {
            LinuxMemory.SetLength(descriptor, 4096);
            var address = new SegmentAddress(Environment.ProcessId, descriptor);
            Should.Throw<ChannelCorruptedException>(() => Platform.OpenSegment(address, 4096, SegmentUse.Consume)).Message.ShouldContain("sealed");
        }
        finally
        {
            LinuxMemory.Close(descriptor);
        }
    }

    [ThreadFact]
    public void Something_that_is_no_memory_file_is_refused_without_blocking()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        var address = new SegmentAddress(Environment.ProcessId, pipe.SafePipeHandle.DangerousGetHandle());
        Should.Throw<IOException>(() => Platform.OpenSegment(address, 4096, SegmentUse.Consume));
    }

    [ThreadFact]
    public async Task Ten_thousand_channels_leak_no_descriptor_and_no_mapping()
    {
        await Task.Yield();
        int before = MemoryFiles(), mapped = Mappings();
        for (int i = 0; i < 10_000; i++)
        {
            using var bell = new ParentBell(Platform);
            using var parent = new ParentChannel(bell);
            using var worker = WorkerChannel.Open(Platform, parent.Invitation);
        }

        // Other tests come and go meanwhile, but not by the thousand.
        MemoryFiles().ShouldBeLessThan(before + 500);
        Mappings().ShouldBeLessThan(mapped + 500);

        static int MemoryFiles() => Directory.GetFiles("/proc/self/fd").Count(f => new FileInfo(f).LinkTarget?.StartsWith("/memfd:samovar", StringComparison.Ordinal) == true);
        static int Mappings() => File.ReadLines("/proc/self/maps").Count(l => l.Contains("memfd:samovar", StringComparison.Ordinal));
    }

    private protected override void AssertNothingLeft()
    {
        // Counted ten thousand times above.
    }
}

[Collection(Processes.ProcessTestCollection.Name)] // it counts this process's sockets, which other executors make too
public sealed class PortableChannelTests() : ChannelContract(new PortableChannelPlatform())
{
    [ThreadFact]
    public void Names_are_gone_once_the_worker_has_opened_the_channel() =>
        Files().Count(f => f.EndsWith(".sock", StringComparison.Ordinal)).ShouldBe(0);

    [ThreadFact]
    public void Files_of_dead_processes_are_swept_up_and_those_of_live_ones_are_not()
    {
        string directory = Directory.CreateTempSubdirectory("samovar-sweep").FullName;
        string dead = Path.Combine(directory, "samovar-2147483000-00.mem");
        string alive = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"samovar-{Environment.ProcessId}-00.mem"));
        File.WriteAllText(dead, "");
        File.WriteAllText(alive, "");
        PortableChannelPlatform.Sweep(directory);
        File.Exists(dead).ShouldBeFalse();
        File.Exists(alive).ShouldBeTrue();
        Directory.Delete(directory, recursive: true);
    }

    [ThreadFact]
    public void A_path_too_long_for_a_socket_is_an_error_that_says_so()
    {
        var platform = new PortableChannelPlatform(new string('x', 200));
        using var bell = new ParentBell(Platform);
        Should.Throw<IOException>(() => platform.Listen(1, ChannelCookie.Random(), bell.Sleeper)).Message.ShouldContain("TMPDIR");
    }

    private protected override void AssertNothingLeft()
    {
        // Other tests of this process have files of their own: asserted by name above, and per process in Processes/.
    }

    private string[] Files() =>
        Directory.GetFiles(((PortableChannelPlatform)Platform).Directory, string.Create(CultureInfo.InvariantCulture, $"samovar-{Environment.ProcessId}-*"));
}

public sealed class ChannelChoiceTests
{
    [ThreadFact]
    public void The_environment_forces_the_portable_channel() => ChannelPlatform.Choose("portable").ShouldBe(ChannelKind.Portable);

    [ThreadFact]
    public void Linux_has_memfd_and_futex_unless_configured_otherwise() => ChannelPlatform.Choose(null).ShouldBe(ChannelKind.Linux);

    [ThreadFact]
    public void An_unknown_value_is_refused_with_the_known_ones() =>
        Should.Throw<InvalidOperationException>(() => ChannelPlatform.Choose("fast")).Message.ShouldContain("portable");
}
