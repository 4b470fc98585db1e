using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;
using Samovar.Diagnostics.Watching.Requests;

namespace Samovar.Diagnostics.Watching;

/// <summary>One watcher of this process: sends it pictures, and answers its requests, until the connection ends. The format is in
/// docs/reference/watch-protocol.md.</summary>
/// <remarks>Pictures are taken and sent on the thread that runs the session, requests are answered on a thread of their own. A watcher that does not
/// read blocks only these two; the stream's time limit ends the session.</remarks>
internal sealed class WatchSession : IDisposable
{
    public const int Protocol = 1;

    private const int HighestRate = 20;

    private static readonly TimeSpan s_timeToEnd = TimeSpan.FromMilliseconds(100);

    private readonly Stream _connection;
    private readonly TimeSpan _interval;
    private readonly bool _allowsCommands;
    private readonly bool _showsArguments;
    private readonly PictureTaker _pictures = new();
    private readonly RequestHandler _requests;
    private readonly MemberRequests _memberRequests;
    private readonly Lock _gate = new(); // guards writing to the connection
    private readonly ArrayBufferWriter<byte> _picture = new(64 * 1024); // used by the thread of the session
    private readonly ManualResetEventSlim _ended = new();

    private WatchSession(Stream connection, int rate, bool allowsCommands, bool showsArguments)
    {
        _connection = connection;
        _interval = TimeSpan.FromSeconds(1) / Math.Clamp(rate, 1, HighestRate);
        _allowsCommands = allowsCommands;
        _showsArguments = showsArguments;
        _requests = new RequestHandler(allowsCommands, showsArguments, _pictures.Holds);
        _memberRequests = new MemberRequests(allowsCommands, Send);
    }

    /// <summary>Serves a watcher until it closes the connection.</summary>
    /// <param name="connection">The connection, which the caller closes afterwards.</param>
    /// <param name="rate">How many pictures it gets a second.</param>
    /// <param name="allowsCommands">Whether it may change something.</param>
    /// <param name="showsArguments">Whether it gets previews of the arguments of tasks.</param>
    /// <exception cref="IOException">The connection failed.</exception>
    public static void Run(Stream connection, int rate, bool allowsCommands, bool showsArguments = false)
    {
        using var session = new WatchSession(connection, rate, allowsCommands, showsArguments);
        TaskRecorder.Watch();
        if (allowsCommands) WorkKeeper.Watch();
        if (showsArguments) ArgumentWatch.Watch();
        try
        {
            session.Run();
        }
        finally
        {
            if (showsArguments) ArgumentWatch.Unwatch();
            if (allowsCommands && WorkKeeper.Unwatch())
            {
                foreach (var executor in ExecutorRegistry.Running()) executor.Recorder.Works.Drop(); // SYNC: work kept or dropped
            }

            if (TaskRecorder.Unwatch())
            {
                foreach (var executor in ExecutorRegistry.Running()) executor.ClearRecords();
            }
        }
    }

    public void Dispose() => _ended.Dispose();

    private void Run()
    {
        Send(Hello);
        var reader = new Thread(Read) { IsBackground = true, Name = "Samovar.Watch" };
        reader.UnsafeStart();
        AppDomain.CurrentDomain.ProcessExit += SendEnd;
        try
        {
            do
            {
                long began = Stopwatch.GetTimestamp();
                var picture = _pictures.Take();
                Send(json => PictureWriter.Write(json, picture, Stopwatch.GetElapsedTime(began), _showsArguments), _picture);
            }
            while (!_ended.Wait(_interval));
        }
        finally
        {
            AppDomain.CurrentDomain.ProcessExit -= SendEnd;
            _memberRequests.End();
            _connection.Dispose(); // so that the reader returns
            reader.Join();
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A faulty request ends this session; it must not terminate the watched process.")]
    private void Read()
    {
        try
        {
            var lines = new LineReader(_connection);
            while (lines.TryRead(out var line)) Answer(line);
        }
        catch (Exception)
        {
            // The watcher has disconnected, or does not keep to the protocol: the session ends.
        }
        finally
        {
            _ended.Set();
        }
    }

    private void Answer(ReadOnlyMemory<byte> line)
    {
        using var request = JsonDocument.Parse(line);
        var root = request.RootElement;
        if (!_memberRequests.TryBegin(root)) Send(json => _requests.Answer(root, json));
    }

    private void Hello(Utf8JsonWriter json)
    {
        string[] words = Environment.GetCommandLineArgs();
        json.WriteStartObject();
        json.WriteNumber("samovar"u8, Protocol);
        json.WriteString("version"u8, typeof(WatchSession).Assembly.GetName().Version?.ToString(3));
        json.WriteNumber("pid"u8, Environment.ProcessId);
        json.WriteString("program"u8, words is [var program, .. var arguments] ? string.Join(' ', [Path.GetFileName(program), .. arguments]) : "");
        json.WriteString("host"u8, Environment.MachineName);
        json.WriteString("framework"u8, System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription);
        json.WriteNumber("cores"u8, Environment.ProcessorCount);
        using (var process = Process.GetCurrentProcess()) PictureWriter.WriteTime(json, "started", new DateTimeOffset(process.StartTime));
        json.WriteBoolean("commands"u8, _allowsCommands);
        json.WriteBoolean("arguments"u8, _showsArguments);
        json.WriteEndObject();
    }

    /// <summary>Sends the last line. The process exits now, and does not wait for a watcher that does not read.</summary>
    private void SendEnd(object? sender, EventArgs e)
    {
        if (!_gate.TryEnter(s_timeToEnd)) return;
        try
        {
            if (_connection.CanTimeout) _connection.WriteTimeout = (int)s_timeToEnd.TotalMilliseconds;
            Send(static json =>
            {
                json.WriteStartObject();
                json.WriteNumber("end"u8, Environment.ExitCode);
                json.WriteEndObject();
            });
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The watcher has disconnected.
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Send(Action<Utf8JsonWriter> write) => Send(write, new ArrayBufferWriter<byte>(16 * 1024));

    private void Send(Action<Utf8JsonWriter> write, ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        buffer.GetSpan(1)[0] = (byte)'\n';
        buffer.Advance(1);
        lock (_gate) _connection.Write(buffer.WrittenSpan);
    }
}
