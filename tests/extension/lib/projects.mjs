// Folders that the tests open: configs, data, and a model that run.mjs had made.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scratch } from './paths.mjs';

/** {name: text or object} written into a new folder; its path. */
export function makeFolder(files) {
  const folder = mkdtempSync(join(scratch, 'project-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 4)}\n`);
  }
  return folder;
}

export const model = join(scratch, 'model');

export const rows = Array.from({ length: 80 }, (_, number) =>
  JSON.stringify({ phrase: `phrase number ${String(number)} is here`, tone: ['joy', 'fear'][number % 2] })).join('\n');

/** A config that the embedded engine carries out in seconds; `steps` says in how many. */
export function workflow({ steps = 8, more = {} } = {}) {
  return {
    input_model: { type: 'HfModel', model_path: model },
    data_configs: [
      {
        name: 'train',
        type: 'HuggingfaceContainer',
        load_dataset_config: { data_name: 'json', data_files: 'rows.jsonl', split: 'train' },
        pre_process_data_config: { text_template: '{phrase} -> {tone}', strategy: 'join', max_seq_len: 64 },
      },
    ],
    passes: {
      lora: {
        type: 'LoRA',
        r: 4,
        alpha: 8,
        torch_dtype: 'float32',
        train_data_config: 'train',
        training_args: { max_steps: steps, per_device_train_batch_size: 1, logging_steps: 1 },
      },
      merge: { type: 'MergeAdapterWeights' },
      int4: { type: 'ModelBuilder', precision: 'int4' },
    },
    output_dir: 'out',
    cache_dir: 'cache',
    ...more,
  };
}

export const runnable = (options) => ({ 'olive-config.json': workflow(options), 'rows.jsonl': rows });

/** The seed's kind of config, with what people get wrong in it: a pass's name, a key, a reference. */
export const brokenClassic = `{
    "input_model": {
        "type": "PyTorchModel",
        "config": {
            "hf_config": {
                "model_name": "models/phi-3-mini",
                "task": "text-generation",
                "model_class": "AutoModelForCausalLM"
            }
        }
    },
    "data_configs": [
        {
            "name": "tiny",
            "type": "HuggingfaceContainer",
            "load_dataset_config": {
                "params": {
                    "data_name": "json",
                    "data_files": "rows.jsonl",
                    "split": "train"
                }
            },
            "pre_process_data_config": {
                "params": {
                    "dataset_type": "corpus",
                    "text_cols": ["phrase", "tone"],
                    "text_template": "### Text: {phrase}\\n### The tone is:\\n{tone}",
                    "corpus_strategy": "line-by-line",
                    "source_max_len": 512
                }
            }
        }
    ],
    "passes": {
        "lora": {
            "type": "LoRA",
            "config": {
                "lora_r": 64,
                "lora_aplha": 64,
                "train_data_config": "tinny"
            }
        },
        "merge": {
            "type": "MergeAdapterWeights"
        },
        "builder": {
            "type": "ModelBuilder",
            "config": {
                "precision": "int4"
            }
        }
    },
    "engine": {
        "cache_dir": "cache",
        "output_dir": "out"
    }
}
`;

/** A config whose user_script, and whose settings, would write canary.txt if anything of the folder were run. */
export function canary() {
  const files = {
    ...runnable(),
    'canary.py': 'from pathlib import Path\nPath(__file__).with_name("canary.txt").write_text("sang")\n\n\ndef load(*_, **__):\n    return []\n',
    'python-canary': '#!/bin/sh\necho sang > "$(dirname "$0")/canary.txt"\nexec python3 "$@"\n',
    '.vscode/settings.json': { 'olivepress.interpreter': '${workspaceFolder}/python-canary', 'olivepress.importStrategy': 'fromEnvironment' },
  };
  const [data] = files['olive-config.json'].data_configs;
  Object.assign(data, { user_script: 'canary.py', script_dir: '.', load_dataset_config: { type: 'load', params: {} } });
  files['olive-config.json'].passes.lora.aplha = 8;
  return files;
}
