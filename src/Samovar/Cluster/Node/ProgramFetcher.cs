using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Programs;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;
using Samovar.Processes.Protocol;

namespace Samovar.Cluster.Node;

/// <summary>Finds programs in the store of a node, and copies those that are not there from an owner, which stores them as blobs on request.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ProgramFetcher(NodeCore node, ClusterNodeOptions options, CancellationToken ending)
{
    private static readonly TimeSpan s_repeatAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly ProgramStore _store = new(options.ProgramFolder);
    private int _hasCleaned; // Interlocked

    /// <summary>Returns the files of a program.</summary>
    /// <param name="build">The build.</param>
    /// <param name="nextOwner">Returns the address of an owner that waits for the program; null if no owner does.</param>
    /// <param name="expect">Called with what the answer of the owner completes.</param>
    /// <exception cref="Exception">The program is not available, or does not fit this machine. The message says why.</exception>
    public async Task<ProgramFolder> FetchAsync(BuildId build, Func<string?> nextOwner, Action<TaskCompletionSource<ProgramStoredMessage>> expect)
    {
        var folder = _store.Find(build);
        if (Interlocked.Exchange(ref _hasCleaned, 1) == 0) _store.RemoveUnused(node.Time.GetUtcNow().UtcDateTime);
        folder ??= await DownloadAsync(build, nextOwner, expect).ConfigureAwait(false);
        if (WhyNot(folder.Manifest) is not { } reason) return folder;
        folder.Dispose();
        throw new InvalidOperationException(reason);
    }

    /// <summary>Returns why a program cannot run here; null if it can.</summary>
    private static string? WhyNot(PackageManifest program)
    {
        if (program.Library != ModuleId.Samovar.Version)
        {
            return $"it was built with Samovar {program.LibraryVersion}, and the node runs {OwnerProgram.LibraryVersion} (module {ModuleId.Samovar.Version} in place of {program.Library}). "
                + "Install the same version on both sides.";
        }

        return program.Platform == RuntimePlatform.Current ? null : $"it was built on {program.Platform}, and the node runs on {RuntimePlatform.Current}. Start nodes on the same platform.";
    }

    private async Task<ProgramFolder> DownloadAsync(BuildId build, Func<string?> nextOwner, Action<TaskCompletionSource<ProgramStoredMessage>> expect)
    {
        long began = node.Time.GetTimestamp();
        string? last = null;
        while (node.Time.GetElapsedTime(began) < s_patience)
        {
            if (nextOwner() is not { } owner) throw new InvalidOperationException("its executor does not answer any more.");
            if (await RequestAsync(build, owner, expect).ConfigureAwait(false) is not { } answer) continue;
            if (answer.Error.Length > 0) throw new InvalidOperationException(answer.Error);
            string key = PackageManifest.BlobKey(answer.Package.Span);
            var package = await node.OpenBlobAsync(key, ending).ConfigureAwait(false);
            if (package is null)
            {
                last = $"the blob '{key}' does not exist, although the executor has stored it.";
                await Task.Delay(TimeSpan.FromSeconds(1), node.Time, ending).ConfigureAwait(false);
                continue;
            }

            await using (package.ConfigureAwait(false)) return await _store.AddAsync(build, answer.Package, package, ending).ConfigureAwait(false);
        }

        throw new TimeoutException(last ?? $"its executor did not store it within {TimeoutArguments.Text(s_patience)}.");
    }

    private async Task<ProgramStoredMessage?> RequestAsync(BuildId build, string owner, Action<TaskCompletionSource<ProgramStoredMessage>> expect)
    {
        var answer = new TaskCompletionSource<ProgramStoredMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        expect(answer);
        node.SendProgramRequest(owner, build);
        try
        {
            return await answer.Task.WaitAsync(s_repeatAfter, node.Time, ending).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null; // the request or the answer was lost, or the package is large: the owner answers a repeated request with the same work
        }
    }
}
