using Samovar.Cli.Doctor.Hosts;

namespace Samovar.Cli.Tests.Doctor;

public sealed class ControlGroupTests
{
    private const string MountV2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";

    private const string MountsV1 = """
        25 20 0:22 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
        32 25 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw,relatime master:9 - cgroup cgroup rw,cpu,cpuacct
        35 25 0:32 /docker/abc /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        39 25 0:36 /docker/abc /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids

        """;

    [ProcessFact]
    public void Version_2_limits_are_read_from_the_process_s_own_group() =>
        Read(
            ("/proc/self/cgroup", "0::/user.slice/app.service\n"),
            ("/proc/self/mountinfo", MountV2),
            ("/sys/fs/cgroup/user.slice/app.service/cpu.max", "150000 100000\n"),
            ("/sys/fs/cgroup/user.slice/app.service/memory.max", "536870912\n"),
            ("/sys/fs/cgroup/user.slice/app.service/pids.max", "64\n"))
        .ShouldBe(new ControlGroup(1.5, 536_870_912, 64));

    [ProcessFact]
    public void Max_is_no_limit() =>
        Read(
            ("/proc/self/cgroup", "0::/\n"),
            ("/proc/self/mountinfo", MountV2),
            ("/sys/fs/cgroup/cpu.max", "max 100000\n"),
            ("/sys/fs/cgroup/memory.max", "max\n"),
            ("/sys/fs/cgroup/pids.max", "max\n"))
        .ShouldBe(new ControlGroup(null, null, null));

    [ProcessFact]
    public void The_smallest_limit_on_the_way_up_holds() =>
        Read(
            ("/proc/self/cgroup", "0::/outer/middle/inner\n"),
            ("/proc/self/mountinfo", MountV2),
            ("/sys/fs/cgroup/outer/middle/inner/cpu.max", "400000 100000\n"),
            ("/sys/fs/cgroup/outer/middle/cpu.max", "max 100000\n"),
            ("/sys/fs/cgroup/outer/cpu.max", "50000 100000\n"),
            ("/sys/fs/cgroup/outer/middle/inner/memory.max", "max\n"),
            ("/sys/fs/cgroup/outer/middle/memory.max", "1000\n"),
            ("/sys/fs/cgroup/outer/memory.max", "2000\n"))
        .ShouldBe(new ControlGroup(0.5, 1000, null));

    [ProcessFact]
    public void Version_1_limits_are_read_below_the_group_that_a_container_mounts() =>
        Read(
            ("/proc/self/cgroup", "5:pids:/docker/abc\n4:memory:/docker/abc/job\n1:cpu,cpuacct:/docker/abc\n"),
            ("/proc/self/mountinfo", MountsV1),
            ("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "25000\n"),
            ("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "104857600\n"),
            ("/sys/fs/cgroup/pids/pids.max", "max\n"))
        .ShouldBe(new ControlGroup(0.25, 104_857_600, null));

    [ProcessFact]
    public void Version_1_says_no_limit_with_minus_one_and_with_a_huge_number() =>
        Read(
            ("/proc/self/cgroup", "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n"),
            ("/proc/self/mountinfo", MountsV1),
            ("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n"),
            ("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"))
        .ShouldBe(new ControlGroup(null, null, null));

    [ProcessFact]
    public void With_both_versions_mounted_each_controller_is_read_where_it_lives() =>
        Read(
            ("/proc/self/cgroup", "4:memory:/docker/abc\n0::/unified/job\n"),
            ("/proc/self/mountinfo", MountsV1.Replace("cpu,cpuacct", "cpuset", StringComparison.Ordinal)
                + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "4096000\n"),
            ("/sys/fs/cgroup/unified/unified/job/cpu.max", "200000 100000\n"))
        .ShouldBe(new ControlGroup(2, 4_096_000, null));

    [ProcessTheory]
    [InlineData("/docker/abc")] // seen from the host, while only another group is mounted
    [InlineData("/../../elsewhere")] // moved out of the namespace it was started in
    public void A_group_outside_what_is_mounted_leaves_the_mount_s_own_limits(string path) =>
        Read(
            ("/proc/self/cgroup", $"0::{path}\n"),
            ("/proc/self/mountinfo", MountV2.Replace(" / /sys", " /docker/xyz /sys", StringComparison.Ordinal)),
            ("/sys/fs/cgroup/memory.max", "4096\n"))
        .MemoryBytes.ShouldBe(4096);

    [ProcessFact]
    public void A_system_without_control_groups_sets_no_limits() => Read().ShouldBe(new ControlGroup(null, null, null));

    [ProcessTheory]
    [InlineData("nonsense\n", "more nonsense\n")]
    [InlineData("0::/\n", "30 23 - cgroup2\n")]
    [InlineData("::\n:::\n\n", MountV2)]
    public void What_cannot_be_understood_sets_no_limits(string groups, string mounts) =>
        Read(("/proc/self/cgroup", groups), ("/proc/self/mountinfo", mounts), ("/sys/fs/cgroup/memory.max", "12 monkeys\n"))
        .ShouldBe(new ControlGroup(null, null, null));

    private static ControlGroup Read(params (string Path, string Text)[] files)
    {
        var byPath = files.ToDictionary(file => file.Path, file => file.Text);
        return ControlGroup.Read(path => byPath.GetValueOrDefault(path));
    }
}
