using System.Diagnostics;
using System.Globalization;
using Samovar.Cli.Tests;
using Samovar.Tests.Brokers;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>A network with a machine for each broker, whose cables can be cut: network namespaces of Linux that are joined by a bridge. They disappear with
/// the processes that are in them. The run itself is in a namespace of its own, so nothing of the machine's network changes.</summary>
internal sealed class BrokerNetwork : IAsyncDisposable
{
    private const string InsideVariable = "SAMOVAR_STRESS_NETWORK";
    private const string Bridge = "brokers";

    private readonly List<Process> _holders = [];

    private BrokerNetwork()
    {
    }

    /// <summary>Whether this process is in the namespace of a run.</summary>
    public static bool IsInside => Environment.GetEnvironmentVariable(InsideVariable) is { Length: > 0 };

    public List<BrokerMachine> Machines { get; } = [];

    /// <summary>Returns why there can be no such network here; null if there can.</summary>
    public static async Task<string?> FindObstacleAsync()
    {
        try
        {
            await ExecuteAsync("unshare", "--net", "ip", "link", "add", Bridge, "type", "bridge").ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return error.Message;
        }
    }

    /// <summary>Runs this program again with the same arguments, in a namespace of its own.</summary>
    public static async Task<int> RunInsideAsync()
    {
        string[] words = Environment.GetCommandLineArgs();
        bool isHosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        var start = new ProcessStartInfo("unshare", ["--net", Environment.ProcessPath!, .. isHosted ? words : words[1..]]) { UseShellExecute = false };
        start.Environment[InsideVariable] = "1";
        using var inside = Process.Start(start)!;
        await inside.WaitForExitAsync().ConfigureAwait(false);
        return inside.ExitCode;
    }

    /// <summary>Creates the network, inside the namespace of the run.</summary>
    public static async Task<BrokerNetwork> CreateAsync(int machines)
    {
        var network = new BrokerNetwork();
        try
        {
            await ExecuteAsync("ip", "link", "set", "lo", "up").ConfigureAwait(false);
            await ExecuteAsync("ip", "link", "add", Bridge, "type", "bridge").ConfigureAwait(false);
            await ExecuteAsync("ip", "address", "add", "10.77.0.1/24", "dev", Bridge).ConfigureAwait(false);
            await ExecuteAsync("ip", "link", "set", Bridge, "up").ConfigureAwait(false);
            for (int i = 0; i < machines; i++) await network.AddAsync(i).ConfigureAwait(false);
            return network;
        }
        catch
        {
            await network.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Cuts the cable of a machine: packets to it and from it are lost, and nothing is closed.</summary>
    public Task CutAsync(int machine) => ExecuteAsync("ip", "link", "set", Cable(machine), "down");

    public Task HealAsync(int machine) => ExecuteAsync("ip", "link", "set", Cable(machine), "up");

    public async ValueTask DisposeAsync()
    {
        foreach (var holder in _holders)
        {
            if (!holder.HasExited) holder.Kill();
            await holder.WaitForExitAsync().ConfigureAwait(false);
            holder.Dispose();
        }
    }

    private static string Cable(int machine) => string.Create(CultureInfo.InvariantCulture, $"cable{machine}");

    private async Task AddAsync(int machine)
    {
        // A process keeps the namespace while no broker runs in it.
        var holder = await Starter.StartAsync("unshare", ["--net", "sh", "-c", "ip link set lo up && echo ready && exec cat"]).ConfigureAwait(false);
        _holders.Add(holder);
        if (await holder.StandardOutput.ReadLineAsync().ConfigureAwait(false) != "ready")
            throw new InvalidOperationException($"A network namespace could not be created: {await holder.StandardError.ReadToEndAsync().ConfigureAwait(false)}");
        string id = holder.Id.ToString(CultureInfo.InvariantCulture);
        string address = string.Create(CultureInfo.InvariantCulture, $"10.77.0.{machine + 11}");
        string[] enter = ["nsenter", "--target", id, "--net"];
        await ExecuteAsync("ip", "link", "add", Cable(machine), "type", "veth", "peer", "name", "eth0", "netns", id).ConfigureAwait(false);
        await ExecuteAsync([.. enter, "ip", "address", "add", $"{address}/24", "dev", "eth0"]).ConfigureAwait(false);
        await ExecuteAsync([.. enter, "ip", "link", "set", "eth0", "up"]).ConfigureAwait(false);
        await ExecuteAsync("ip", "link", "set", Cable(machine), "master", Bridge, "up").ConfigureAwait(false);
        Machines.Add(new BrokerMachine(address, enter));
    }

    private static async Task ExecuteAsync(params string[] words)
    {
        using var process = await Starter.StartAsync(words[0], words[1..]).ConfigureAwait(false);
        var output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0) throw new InvalidOperationException($"'{string.Join(' ', words)}' failed: {(await output.ConfigureAwait(false) + errors).Trim()}");
    }
}
