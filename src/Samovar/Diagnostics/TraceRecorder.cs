using Samovar.Diagnostics.Timelines;

namespace Samovar;

/// <summary>Records what all executors of this process do, as a timeline for <see href="https://ui.perfetto.dev">Perfetto</see> or
/// <c>chrome://tracing</c>: a lane for each worker, an arrow from the submission of each task through its run to its completion, and the numbers of queued
/// and running tasks.</summary>
/// <remarks>
/// <para>Tasks that complete between the creation of the recorder and its disposal are recorded, up to about 600,000 a second and executor; if there are
/// more, the trace says how many are missing. While a recorder exists, a task costs about a microsecond more.</para>
/// <para>Batches of a map are one task each. <c>samovar trace</c> records a running program from outside.</para>
/// <para>Thread-safe. The trace is written by a thread of its own, every 100 milliseconds.</para>
/// </remarks>
/// <example>
/// <code>
/// await using (TraceRecorder.Start(path))
/// {
///     await foreach (int result in executor.Map(items, static item => item * item)) sum += result;
/// }
/// </code>
/// </example>
public sealed class TraceRecorder : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly Stream _stream;
    private readonly ManualResetEventSlim _ending = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TraceSession _session;

    private TraceRecorder(Stream stream)
    {
        _stream = stream;
        _session = new TraceSession(stream);
        try
        {
            new Thread(Run) { IsBackground = true, Name = "Samovar.Trace" }.UnsafeStart();
        }
        catch
        {
            _session.Dispose(); // the system has no more threads
            throw;
        }
    }

    /// <summary>Creates a file, or replaces it, and begins to record into it.</summary>
    /// <param name="path">The path of the file.</param>
    /// <returns>The recorder. Dispose it to end the trace.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be created.</exception>
    public static TraceRecorder Start(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new TraceRecorder(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read));
    }

    /// <summary>Begins to record into a stream.</summary>
    /// <param name="stream">The stream, which the recorder closes when it is disposed.</param>
    /// <returns>The recorder. Dispose it to end the trace.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is null.</exception>
    /// <exception cref="ArgumentException">The stream cannot be written.</exception>
    public static TraceRecorder Start(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite) throw new ArgumentException("The stream cannot be written.", nameof(stream));
        return new TraceRecorder(stream);
    }

    /// <summary>Writes the rest of the trace and closes the file.</summary>
    /// <returns>A task that completes when the trace is complete. It fails with the error of the file or stream if that failed, for example because the disk
    /// is full.</returns>
    public async ValueTask DisposeAsync()
    {
        _ending.Set();
        await _ended.Task.ConfigureAwait(false);
    }

    private void Run()
    {
        try
        {
            using (_stream)
            using (_session)
            {
                _session.Begin();
                while (!_ending.Wait(s_interval)) _session.Advance();
                _session.End();
            }

            _ended.TrySetResult();
        }
        catch (Exception error)
        {
            _ended.TrySetException(error); // of the stream, which is the user's: DisposeAsync throws it
        }
    }
}
