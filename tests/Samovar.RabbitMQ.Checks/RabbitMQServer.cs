using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Samovar.Cli.Tests;
using Samovar.RabbitMQ.Checks;

[assembly: AssemblyFixture(typeof(SharedServer))]

namespace Samovar.RabbitMQ.Checks;

/// <summary>A RabbitMQ broker of the tests: on loopback, with ports, a folder and an epmd of its own.</summary>
internal sealed class RabbitMQServer : IAsyncDisposable
{
    private static readonly string? s_programs = FindPrograms();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-rabbitmq-");
    private readonly int _epmdPort;
    private readonly int _distributionPort;
    private readonly List<string> _log = [];
    private Process? _epmd;
    private Process? _broker;

    private RabbitMQServer()
    {
        int[] ports = FreePorts(3);
        (Port, _distributionPort, _epmdPort) = (ports[0], ports[1], ports[2]);
    }

    public static bool IsInstalled => s_programs is not null;

    public int Port { get; }

    public string Uri => UriFor(Port);

    public static string UriFor(int port) => $"amqp://guest:guest@127.0.0.1:{port}/";

    /// <summary>Skips the test if the broker is not installed.</summary>
    public static void Require()
    {
        if (!IsInstalled) Assert.Skip("rabbitmq-server is not installed (build/system-needs.txt).");
    }

    /// <summary>Starts a broker.</summary>
    /// <param name="tls">Its certificate and key, if it accepts TLS only; null for plain connections.</param>
    public static async Task<RabbitMQServer> StartAsync(X509Certificate2? tls = null)
    {
        Require();
        var server = new RabbitMQServer();
        if (tls is not null) server.Configure(tls);
        try
        {
            server._epmd = await Starter.StartAsync(FindEpmd(), ["-port", $"{server._epmdPort}", "-address", "127.0.0.1"]);
            await server.StartBrokerAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the broker again, with the data that it left.</summary>
    public async Task StartBrokerAsync()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "plugins"), "[].");
        File.WriteAllText(Path.Combine(_folder.FullName, "env.conf"), "");
        _broker = await Starter.StartAsync(Path.Combine(s_programs!, "rabbitmq-server"), [], Environment());
        _broker.OutputDataReceived += Log;
        _broker.ErrorDataReceived += Log;
        _broker.BeginOutputReadLine();
        _broker.BeginErrorReadLine();
        await TestTimeout.UntilAsync(() => _broker.HasExited || Logged("completed with"), "the start of the broker");
        if (_broker.HasExited) throw new InvalidOperationException($"rabbitmq-server did not start: {LogText()}");
    }

    /// <summary>Kills the broker, as a failure of its machine would.</summary>
    public async Task KillBrokerAsync()
    {
        _broker!.Kill();
        await _broker.WaitForExitAsync().WaitAsync(TestTimeout.Wait);
        lock (_log) _log.Clear();
    }

    /// <summary>Makes the broker write its table of queues: RabbitMQ 3.10 does so after minutes, and a queue that was created shortly before a kill has no
    /// leader when the broker runs again.</summary>
    public async Task SaveQueuesAsync()
    {
        await ControlAsync("stop_app");
        await ControlAsync("start_app");
    }

    /// <summary>Runs rabbitmqctl.</summary>
    /// <returns>Its output.</returns>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        using var control = await Starter.StartAsync(Path.Combine(s_programs!, "rabbitmqctl"), ["-q", .. arguments], Environment());
        var output = control.StandardOutput.ReadToEndAsync();
        var errors = control.StandardError.ReadToEndAsync();
        await control.WaitForExitAsync().WaitAsync(TestTimeout.Wait);
        if (control.ExitCode != 0) throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', arguments)}: {await output}{await errors}");
        return await output;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _broker, _epmd })
        {
            if (process is null) continue;
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync().WaitAsync(TestTimeout.Wait);
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private void Configure(X509Certificate2 tls)
    {
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
            ("ERL_EPMD_ADDRESS", "127.0.0.1"),
            ("RUNNING_UNDER_SYSTEMD", "true"), // the script becomes the broker, so the process that was started is the broker's
            ("RABBITMQ_NODENAME", $"samovar{Port}@localhost"),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
            ("RABBITMQ_NODE_PORT", $"{Port}"),
            ("RABBITMQ_DIST_PORT", $"{_distributionPort}"),
            ("RABBITMQ_MNESIA_BASE", Path.Combine(folder, "data")),
            ("RABBITMQ_LOG_BASE", Path.Combine(folder, "log")),
            ("RABBITMQ_PID_FILE", Path.Combine(folder, "pid")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(folder, "plugins")),
            ("RABBITMQ_CONF_ENV_FILE", Path.Combine(folder, "env.conf")),
            ("RABBITMQ_CONFIG_FILE", Path.Combine(folder, "rabbitmq")),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"), // no busy waiting next to the tests
        ];
    }

    private void Log(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            if (line.Data is { } text) _log.Add(text);
        }
    }

    private bool Logged(string text)
    {
        lock (_log) return _log.Exists(line => line.Contains(text, StringComparison.Ordinal));
    }

    private string LogText()
    {
        lock (_log) return string.Join('\n', _log);
    }
}
