using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Programs;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;

namespace Samovar.Cluster.Owner;

/// <summary>Stores the package of an owner's program for the nodes that request it. A node that has the program requests nothing, so in a cluster of one
/// build no package is ever made. Thread-safe.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ProgramSender(ClusterCore core, OwnerProgram program)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _answers = []; // gate: those under way
    private Task<ProgramStoredMessage>? _storing; // gate: the latest attempt; nodes that request meanwhile wait for it too

    /// <summary>Stores the package, and answers the node.</summary>
    public void Answer(ProgramRequestMessage request, Task<ClusterConnection> connection, CancellationToken cancellationToken)
    {
        if (request.Build != program.Build.Value) return; // of an owner that had this address before
        lock (_gate)
        {
            if (_storing is null or { IsCompleted: true }) _storing = Task.Run(() => StoreAsync(connection, cancellationToken), CancellationToken.None);
            var answer = AnswerAsync(request.Address, _storing);
            _answers.Add(answer);
            _ = answer.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Completes when no answer is under way.</summary>
    public Task EndAsync()
    {
        lock (_gate) return Task.WhenAll(_answers);
    }

    private void Forget(Task answer)
    {
        lock (_gate) _answers.Remove(answer);
    }

    private async Task AnswerAsync(string address, Task<ProgramStoredMessage> storing) =>
        core.Send(address, MessageKind.ProgramStored, (await storing.ConfigureAwait(false)).Write());

    private async Task<ProgramStoredMessage> StoreAsync(Task<ClusterConnection> connected, CancellationToken cancellationToken)
    {
        var build = program.Build.Value;
        try
        {
            var connection = await connected.ConfigureAwait(false);
            var package = program.Collect();
            byte[] manifest = package.Manifest.Write();
            byte[] hash = PackageManifest.HashOf(manifest);
            string key = PackageManifest.BlobKey(hash);
            if (!await ExistsAsync(connection, key, cancellationToken).ConfigureAwait(false))
            {
                var file = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
                await using (file.ConfigureAwait(false))
                {
                    await package.WriteAsync(manifest, file, cancellationToken).ConfigureAwait(false);
                    file.Position = 0;
                    await connection.PutBlobAsync(key, file, cancellationToken).ConfigureAwait(false);
                }
            }

            return new ProgramStoredMessage(build, hash, "");
        }
        catch (Exception error)
        {
            // The node refuses the tasks with this reason.
            return new ProgramStoredMessage(build, new byte[PackageManifest.HashSize], error.Message.Length > 0 ? error.Message : error.GetType().Name);
        }
    }

    private static async Task<bool> ExistsAsync(ClusterConnection connection, string key, CancellationToken cancellationToken)
    {
        var stored = await connection.OpenBlobAsync(key, cancellationToken).ConfigureAwait(false);
        if (stored is null) return false;
        await stored.DisposeAsync().ConfigureAwait(false);
        return true;
    }
}
