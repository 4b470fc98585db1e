namespace Samovar.Tests.Testing;

/// <summary>Lines that several processes add to one file. <see cref="File.AppendAllText(string, string)"/> writes where the file ended when
/// it was opened: of two at once, one would overwrite the other.</summary>
internal static class SharedLines
{
    public static void Add(string path, string line)
    {
        while (true)
        {
            try
            {
                using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.None);
                using var writer = new StreamWriter(file);
                writer.WriteLine(line);
                return;
            }
            catch (IOException) when (File.Exists(path))
            {
                TestTimer.Pause(1); // another holds it; the test's timeout bounds this
            }
        }
    }
}
