using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Samovar.Cli.Tests;

namespace Samovar.Tests.Brokers;

/// <summary>A RabbitMQ broker for a run of tests: on loopback, with ports, a folder and an epmd of its own.</summary>
internal sealed class RabbitMQServer : IAsyncDisposable
{
    private static readonly string? s_programs = FindPrograms();

    /// <summary>How long a start or the end of a process may take.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-rabbitmq-");
    private readonly string _settings;
    private readonly BrokerMachine? _machine;
    private readonly int _epmdPort;
    private readonly int _distributionPort;
    private readonly List<string> _log = []; // locked
    private TaskCompletionSource _started = NewSource();
    private Process? _epmd;
    private Process? _broker;

    private RabbitMQServer(string settings, RabbitMQServer? first, BrokerMachine? machine)
    {
        _settings = settings;
        _machine = machine;
        int[] ports = FreePorts(3);
        (Port, _distributionPort, _epmdPort) = (ports[0], ports[1], first?._epmdPort ?? ports[2]);
    }

    public static bool IsInstalled => s_programs is not null;

    public int Port { get; }

    public string Uri => _machine is null ? UriFor(Port) : $"amqp://guest:guest@{Address}:{Port}/";

    public static string UriFor(int port) => $"amqp://guest:guest@127.0.0.1:{port}/";

    /// <summary>The process of the broker.</summary>
    public int ProcessId => _broker!.Id;

    /// <summary>The name of the broker in a cluster of brokers.</summary>
    public string NodeName => $"samovar{Port}@{_machine?.Address ?? "localhost"}";

    /// <summary>Starts a broker.</summary>
    /// <param name="tls">Its certificate and key, if it accepts TLS only; null for plain connections.</param>
    /// <param name="configuration">More lines of rabbitmq.conf.</param>
    /// <param name="settings">Settings that rabbitmq.conf does not have, as arguments of Erlang.</param>
    /// <param name="first">The first broker of a cluster of brokers, which this one joins; null for one of its own.</param>
    /// <param name="machine">Where it runs; null for the loopback of this machine.</param>
    public static async Task<RabbitMQServer> StartAsync(
        X509Certificate2? tls = null, string configuration = "", string settings = "", RabbitMQServer? first = null, BrokerMachine? machine = null)
    {
        if (!IsInstalled) throw new InvalidOperationException("rabbitmq-server is not installed (build/system-needs.txt).");
        var server = new RabbitMQServer(settings, first, machine);
        server.Configure(tls, machine is null ? configuration : $"{configuration}\nloopback_users = none");
        server.SetCookie();
        try
        {
            if (first is null || machine is not null) server._epmd = await server.RunAsync(FindEpmd(), ["-port", $"{server._epmdPort}", "-address", server.Address]).ConfigureAwait(false);
            await server.StartBrokerAsync().ConfigureAwait(false);
            if (first is null) return server;
            await server.ControlAsync("stop_app").ConfigureAwait(false);
            await server.ControlAsync("join_cluster", first.NodeName).ConfigureAwait(false);
            await server.ControlAsync("start_app").ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts the broker again, with the data that it left.</summary>
    public async Task StartBrokerAsync()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "plugins"), "[].");
        File.WriteAllText(Path.Combine(_folder.FullName, "env.conf"), "");
        _started = NewSource();
        _broker = await RunAsync(Path.Combine(s_programs!, "rabbitmq-server"), []).ConfigureAwait(false);
        _broker.OutputDataReceived += Log;
        _broker.ErrorDataReceived += Log;
        _broker.BeginOutputReadLine();
        _broker.BeginErrorReadLine();
        await Task.WhenAny(_started.Task, _broker.WaitForExitAsync()).WaitAsync(s_patience).ConfigureAwait(false);
        if (_broker.HasExited) throw new InvalidOperationException($"rabbitmq-server did not start: {LogText()}");
    }

    /// <summary>Kills the broker, as a failure of its machine would.</summary>
    public async Task KillBrokerAsync()
    {
        _broker!.Kill();
        await _broker.WaitForExitAsync().WaitAsync(s_patience).ConfigureAwait(false);
        lock (_log) _log.Clear();
    }

    /// <summary>Makes the broker write its table of queues: RabbitMQ 3.10 does so after minutes, and a queue that was created shortly before a kill has no
    /// leader when the broker runs again.</summary>
    public async Task SaveQueuesAsync()
    {
        await ControlAsync("stop_app").ConfigureAwait(false);
        await ControlAsync("start_app").ConfigureAwait(false);
    }

    /// <summary>Runs rabbitmqctl.</summary>
    /// <returns>Its output.</returns>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        using var control = await RunAsync(Path.Combine(s_programs!, "rabbitmqctl"), ["-q", .. arguments]).ConfigureAwait(false);
        var output = control.StandardOutput.ReadToEndAsync();
        var errors = control.StandardError.ReadToEndAsync();
        await control.WaitForExitAsync().WaitAsync(s_patience).ConfigureAwait(false);
        if (control.ExitCode != 0) throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', arguments)}: {await output.ConfigureAwait(false)}{await errors.ConfigureAwait(false)}");
        return await output.ConfigureAwait(false);
    }

    /// <summary>Counts the lines of the broker's log with a text.</summary>
    public int CountInLog(string text) =>
        Directory.GetFiles(Path.Combine(_folder.FullName, "log"), "*.log").Sum(file => File.ReadLines(file).Count(line => line.Contains(text, StringComparison.Ordinal)));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _broker, _epmd })
        {
            if (process is null) continue;
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync().WaitAsync(s_patience).ConfigureAwait(false);
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private string Address => _machine?.Address ?? "127.0.0.1";

    private Task<Process> RunAsync(string program, string[] arguments) => _machine is { Enter: [var enter, .. var rest] }
        ? Starter.StartAsync(enter, [.. rest, program, .. arguments], Environment())
        : Starter.StartAsync(program, arguments, Environment());

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Brokers with the same cookie trust each other.</summary>
    private void SetCookie()
    {
        string cookie = Path.Combine(_folder.FullName, ".erlang.cookie");
        File.WriteAllText(cookie, $"SAMOVAR{_epmdPort}");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
    }

    private void Configure(X509Certificate2? tls, string configuration)
    {
        if (tls is null)
        {
            if (configuration.Length > 0) File.WriteAllText(Path.Combine(_folder.FullName, "rabbitmq.conf"), configuration + "\n");
            return;
        }

        string certificate = Path.Combine(_folder.FullName, "certificate.pem"), key = Path.Combine(_folder.FullName, "key.pem");
        File.WriteAllText(certificate, tls.ExportCertificatePem());
        File.WriteAllText(key, tls.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(_folder.FullName, "rabbitmq.conf"),
            $"""
            listeners.tcp = none
            listeners.ssl.1 = 127.0.0.1:{Port}
            ssl_options.cacertfile = {certificate}
            ssl_options.certfile = {certificate}
            ssl_options.keyfile = {key}
            ssl_options.verify = verify_none
            {configuration}
            """ + "\n");
    }

    private static string? FindPrograms() =>
        Directory.Exists("/usr/lib/rabbitmq/lib")
            ? Directory.EnumerateDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*").Select(static folder => Path.Combine(folder, "sbin"))
                .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "rabbitmq-server")))
            : null;

    private static string FindEpmd() => File.Exists("/usr/bin/epmd") ? "/usr/bin/epmd" : "epmd";

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        int[] ports = [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners) listener.Stop();
        return ports;
    }

    private (string Name, string? Value)[] Environment()
    {
        string folder = _folder.FullName;
        return
        [
            ("HOME", folder), // the Erlang cookie
            ("ERL_EPMD_PORT", $"{_epmdPort}"),
            ("ERL_EPMD_ADDRESS", Address),
            ("RABBITMQ_USE_LONGNAME", _machine is null ? "false" : "true"), // a short name has no dots
            ("RUNNING_UNDER_SYSTEMD", "true"), // the script becomes the broker, so the process that was started is the broker's
            ("ERL_CRASH_DUMP", Path.Combine(folder, "erl_crash.dump")),
            ("RABBITMQ_NODENAME", NodeName),
            ("RABBITMQ_NODE_IP_ADDRESS", Address),
            ("RABBITMQ_NODE_PORT", $"{Port}"),
            ("RABBITMQ_DIST_PORT", $"{_distributionPort}"),
            ("RABBITMQ_MNESIA_BASE", Path.Combine(folder, "data")),
            ("RABBITMQ_LOG_BASE", Path.Combine(folder, "log")),
            ("RABBITMQ_PID_FILE", Path.Combine(folder, "pid")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(folder, "plugins")),
            ("RABBITMQ_CONF_ENV_FILE", Path.Combine(folder, "env.conf")),
            ("RABBITMQ_CONFIG_FILE", Path.Combine(folder, "rabbitmq")),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", $"+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none {_settings}"), // no busy waiting next to the tests
        ];
    }

    private void Log(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            if (line.Data is not { } text) return;
            _log.Add(text);
            if (text.Contains("completed with", StringComparison.Ordinal)) _started.TrySetResult();
        }
    }

    private string LogText()
    {
        lock (_log) return string.Join('\n', _log);
    }
}
