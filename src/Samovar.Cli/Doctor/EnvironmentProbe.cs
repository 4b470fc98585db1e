using System.ComponentModel;
using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Net.Sockets;

namespace Samovar.Cli.Doctor;

/// <summary>Probes that work the same on every operating system: programs, files and sockets.</summary>
internal static class EnvironmentProbe
{
    public static async Task<IReadOnlyList<CheckResult>> ProbeAsync(CancellationToken cancellation) =>
    [
        MappedFiles(),
        LocalSockets(),
        await WorkerHostAsync(cancellation),
        Program(Feature.Python, "python3"),
        Program(Feature.Node, "node"),
    ];

    // Runs `dotnet --list-runtimes`, which starts a process and reads its output, as starting a worker does.
    private static async Task<CheckResult> WorkerHostAsync(CancellationToken cancellation)
    {
        string? dotnet = DotnetHost();
        if (dotnet is null)
            return CheckResult.Missing(Feature.WorkerHost, "dotnet is not in DOTNET_HOST_PATH, next to the runtime or in PATH");

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(dotnet, ["--list-runtimes"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            try
            {
                Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
                string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
                await errors;
                await process.WaitForExitAsync(limit.Token);
                string wanted = $"Microsoft.NETCore.App {Environment.Version.Major}.";
                string? runtime = output.Split('\n').LastOrDefault(line => line.StartsWith(wanted, StringComparison.Ordinal));
                return runtime is not null
                    ? CheckResult.Found(Feature.WorkerHost, $"{dotnet} with {string.Join(' ', runtime.Split(' ')[..2])}")
                    : CheckResult.Missing(
                        Feature.WorkerHost, $"'{dotnet} --list-runtimes' exited with code {process.ExitCode} and lists no {wanted}x");
            }
            finally
            {
                if (!process.HasExited) process.Kill();
            }
        }
        catch (Exception error) when (error is Win32Exception || IsTimeout(error, cancellation))
        {
            return CheckResult.Missing(Feature.WorkerHost, $"'{dotnet} --list-runtimes': {error.Message}");
        }
    }

    private static string? DotnetHost()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } named) return named;

        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        // <root>/shared/Microsoft.NETCore.App/10.0.0/ holds the running library, <root> the host.
        string sibling = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../..", name));
        return File.Exists(sibling) ? sibling : ProgramFiles.Find(name);
    }

    private static CheckResult MappedFiles()
    {
        string path = Path.Combine(Path.GetTempPath(), $"samovar-doctor-{Guid.NewGuid():N}");
        try
        {
            using var stream = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
            });
            stream.SetLength(4096);
            using var mapped = MemoryMappedFile.CreateFromFile(
                stream, null, 4096, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            using MemoryMappedViewAccessor view = mapped.CreateViewAccessor();
            view.Write(0, 42);
            return CheckResult.Found(Feature.MappedFiles, $"mapped in {Path.GetTempPath()}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return CheckResult.Missing(Feature.MappedFiles, $"{Path.GetTempPath()}: {error.Message}");
        }
    }

    private static CheckResult LocalSockets()
    {
        string path = Path.Combine(Path.GetTempPath(), $"samovar-doctor-{Guid.NewGuid():N}");
        try
        {
            var address = new UnixDomainSocketEndPoint(path);
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(address);
            listener.Listen(1);
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Connect(address);
            return CheckResult.Found(Feature.LocalSockets, $"connected in {Path.GetTempPath()}");
        }
        catch (Exception error) when (error is SocketException or ArgumentOutOfRangeException or PlatformNotSupportedException)
        {
            return CheckResult.Missing(Feature.LocalSockets, error.Message);
        }
        finally
        {
            if (File.Exists(path)) File.Delete(path);
        }
    }

    private static bool IsTimeout(Exception error, CancellationToken cancellation) =>
        error is OperationCanceledException && !cancellation.IsCancellationRequested;

    private static CheckResult Program(Feature feature, string name) =>
        ProgramFiles.Find(name) is { } path ? CheckResult.Found(feature, path) : CheckResult.Missing(feature, $"{name} is not in PATH");
}
