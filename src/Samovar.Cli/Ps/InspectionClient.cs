using System.Globalization;
using System.Net.Sockets;
using Samovar.Cli.Attaching;

namespace Samovar.Cli.Ps;

/// <summary>Requests a snapshot of the executors of a process.</summary>
internal static class InspectionClient
{
    private const int LargestReply = 256 << 20;

    /// <summary>Requests the snapshot of a process; returns null for a .NET process without executors.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="most">The maximum number of children of a node.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="NoAnswerException">The process has no port, did not respond in time, exited meanwhile, or sent a malformed
    /// response.</exception>
    public static Task<ProcessSnapshot?> AskAsync(int pid, int most, CancellationToken cancellation) => TimedAnswer.OfAsync(
        pid,
        async outOfTime =>
        {
            using var answer = await InspectionSession.ConnectAsync(pid, string.Create(CultureInfo.InvariantCulture, $"most={most}"), outOfTime);
            return answer is null ? null : SnapshotReader.Read(await ReadAsync(answer, outOfTime));
        },
        cancellation);

    private static async Task<MemoryStream> ReadAsync(Socket answer, CancellationToken outOfTime)
    {
        var whole = new MemoryStream();
        byte[] part = new byte[64 * 1024];
        int read;
        while ((read = await answer.ReceiveAsync(part, outOfTime)) > 0)
        {
            whole.Write(part, 0, read);
            if (whole.Length > LargestReply) throw new InvalidDataException($"it is longer than {LargestReply >> 20} MiB");
        }

        whole.Position = 0;
        return whole;
    }
}
